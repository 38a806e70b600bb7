"""How a download goes about it, and what it tells meanwhile: frozen values."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DownloadPolicy", "Progress"]

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class DownloadPolicy:
    """The limits of one download. The defaults are for files of gigabytes over a home line."""

    connections: int = 4  #: at once, where the server answers ranges
    segment_bytes: int = 64 * _MIB  #: what one connection asks for at a time; less for a small file
    checkpoint_bytes: int = 32 * _MIB  #: how much may come again after a crash…
    checkpoint_s: float = 2.0  #: …or how long, whichever is sooner
    connect_timeout_s: float = 10.0
    idle_timeout_s: float = 30.0  #: without a single byte
    head_timeout_s: float = 60.0  #: from the name to the end of an answer's headers
    stall_s: float = 60.0  #: over so long a time…
    stall_bytes_per_s: int = 1000  #: …slower than this is as good as nothing: asked again on a new connection
    retries: int = 8  #: in a row that bring nothing; any byte that comes starts the count anew
    first_retries: int = 2  #: while no server has answered at all
    retry_base_s: float = 1.0  #: the wait before the first retry; doubles with each, to half a minute
    max_retry_after_s: float = 300.0  #: a server that asks for more patience than this ends the download
    max_redirects: int = 5
    max_restarts: int = 3  #: because the file changed at the server
    spare_bytes: int = 256 * _MIB  #: of the disk, left free
    reserve: bool = True  #: the whole file's room at the start, where the system can


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a download is. The first one tells what was kept from before."""

    done_bytes: int
    total_bytes: int  #: 0 while unknown
    kept_bytes: int  #: from an earlier, interrupted download
    bytes_per_second: float  #: smoothed; 0 at the start
    eta_s: float | None = None
    note: str = ""  #: what the user should know: waiting, trying again, starting anew
