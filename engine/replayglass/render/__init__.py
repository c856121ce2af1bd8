"""Pages to HTML: the only place that knows templates, charts and Markdown."""
