"""Models: which there are, whether they fit, how they come here and are found again."""
