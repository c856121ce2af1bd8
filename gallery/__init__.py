"""Pictures of the samples' sites for the documentation; nothing depends on it."""
