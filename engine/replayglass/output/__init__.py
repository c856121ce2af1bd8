"""Files to disk: the only place that writes a site."""
