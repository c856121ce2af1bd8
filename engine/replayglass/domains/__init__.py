"""The kinds of run we understand; they do not know each other."""
