"""Replay an append-only audit log offline and publish what happened as a static, verifiable site."""

__version__ = "0.1.0"
