"""Going on with a build where an earlier one of the same run was, instead of reading everything again."""
