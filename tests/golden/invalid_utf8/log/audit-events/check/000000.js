replayglass.group("audit-events",0,[]);
