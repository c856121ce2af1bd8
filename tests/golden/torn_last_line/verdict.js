replayglass.verdict({"tone":"warn","short":"1 warning","text":"Readable, with 1 warning and 0 remarks; no errors.","when":"As of logical time 27."});
