replayglass.verdict({"tone":"bad","short":"1 error","text":"Damaged: 1 error, 0 warnings, 0 remarks.","when":"As of logical time 23."});
