"""Texts for the schedulers of several systems, each with a command in its own spelling. Pure: nothing is installed."""
