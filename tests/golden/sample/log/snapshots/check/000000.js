replayglass.group("snapshots",0,[]);
