"""Draws the files of a digest from its manifest."""
