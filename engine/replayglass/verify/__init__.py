"""Checks a published site from its files alone, every byte of which may be an attacker's (docs/verify.md)."""
