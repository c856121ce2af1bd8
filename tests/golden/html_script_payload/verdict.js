replayglass.verdict({"tone":"good","short":"Clean","text":"Clean: no errors, no warnings, nothing odd.","when":"As of logical time 18."});
