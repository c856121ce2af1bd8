replayglassLookup.times(0,[0]);
