"""The published log: a Merkle tree of a stream's records as plain files, its checkpoints, and proofs from them."""
