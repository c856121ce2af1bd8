replayglass.group("flow-decisions",0,[]);
