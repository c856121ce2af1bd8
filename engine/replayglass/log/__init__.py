"""Reading the streams of a run folder: bytes to records."""
