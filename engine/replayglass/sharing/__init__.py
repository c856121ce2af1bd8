"""A build by several processes: each replays the whole run, and renders and writes its share of the pages."""
