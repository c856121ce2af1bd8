"""The look-up: an index of every id, name and time of a site, for its search box and as pages."""
