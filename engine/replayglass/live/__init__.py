"""A publication while it is there: served to readers on this machine, and built again when its run grows."""
