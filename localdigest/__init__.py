"""Turns a topic and its sources into a structured, cited digest, on your own machine."""

__version__ = "0.1.0"
