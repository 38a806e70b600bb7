"""What turns documents into a digest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localdigest.records import Digest, Document

__all__ = ["Writer"]


class Writer(Protocol):
    """Makes the sections, the tags and the summary; every statement cites the sentences that it rests on."""

    @property
    def name(self) -> str:
        """`extractive`, or the model's name: it stands in the post."""

    @property
    def uses_model(self) -> bool:
        """Whether a language model writes any of the text."""

    @property
    def account(self) -> object | None:
        """What became of all that was read and written, once it is written; `codec.encode` knows it. None: no more
        than the digest tells. Its field `work` is what two runs over the same input differ in.
        """

    def write(
        self,
        documents: Sequence[Document],
        *,
        topic: str,
        language: str,
        shared: Mapping[int, tuple[str, ...]] | None = None,
    ) -> Digest:
        """A digest of numbered documents.

        Args:
            documents: to read.
            topic: of the digest, or `""`.
            language: `zh-TW` or `en`: what its readers read.
            shared: of documents that other digests of the run read too, by number: all their topics, in one order.
        """
