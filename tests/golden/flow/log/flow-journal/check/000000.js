replayglass.group("flow-journal",0,[]);
