replayglass.verdict({"tone":"bad","short":"1 error, 3 warnings","text":"Damaged: 1 error, 3 warnings, 0 remarks.","when":"As of logical time 27."});
