"""A library of runs: publications of many runs in one place, the pages that lead to them, and what becomes of them."""
