"""The PAPER trading runtime: its events, its rules of replay, and what its site says."""
