"""Measurements of replayglass, which docs/performance.md explains; nothing here is a test."""
