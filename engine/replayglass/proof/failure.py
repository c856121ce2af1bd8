"""The one exception of what cannot be proven."""


class ProofError(ValueError):
    """Bytes are not in the form that the format demands, or do not prove what they should.

    To `verify` that is data: it is caught and reported. The message is one sentence of our own words.
    """
