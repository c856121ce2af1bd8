"""A published site opened for reading, and what it says in short: for whatever compares or collects sites."""
