"""Publishes a site that is on disk to where readers find it: a folder, or any place that fsspec knows."""
