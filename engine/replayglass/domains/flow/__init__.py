"""The L2 Flow engine: its virtual machine, its decision ledger, and the intents that drive it."""
