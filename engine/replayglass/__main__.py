"""``python -m replayglass`` is the command ``replayglass``."""

from replayglass.cli import main

main()
