"""The stages of a digest, one file each; none imports another."""
