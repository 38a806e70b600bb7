"""What turns documents into a digest: ranked sentences, word for word, or a language model."""

from localdigest.writers.base import Writer
from localdigest.writers.extractive import ExtractiveWriter

__all__ = ["ExtractiveWriter", "Writer"]
