replayglassLookup.times(0,[1]);
