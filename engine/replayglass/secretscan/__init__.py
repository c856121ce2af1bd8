"""Finds credentials in what a run publishes, before it is published (docs/secrets.md)."""
