"""Two publications side by side: where their logs part, and what else differs (docs/diff.md)."""
