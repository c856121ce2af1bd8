"""What continuous integration reads: a published site as JUnit, Markdown, annotations and SARIF."""
