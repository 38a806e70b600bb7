"""Batched, constrained, prefix-sharing generation over llama.cpp. Imports nothing from the rest of the package."""
