"""What fetching may do: every limit in one frozen value."""

from __future__ import annotations

from dataclasses import dataclass

from localdigest import __version__

__all__ = ["PROJECT_URL", "SLOW_SITES", "USER_AGENT", "USER_AGENT_TOKEN", "FetchPolicy"]

#: Where the owner of a site can read who is asking, and complain.
PROJECT_URL = "https://github.com/localdigest/localdigest"
#: The name that robots.txt may address.
USER_AGENT_TOKEN = "localdigest"  # noqa: S105 - a product token, no secret
USER_AGENT = f"{USER_AGENT_TOKEN}/{__version__} (+{PROJECT_URL})"

#: Seconds between two requests to any host of these sites, from their own rules for programs:
#: arXiv's API terms (one in three seconds, all its hosts together), what Reddit lets through without login, GDELT's
#: "one request every 5 seconds".
SLOW_SITES = {"arxiv.org": 3.0, "reddit.com": 6.0, "gdeltproject.org": 5.0}

_MIB = 2**20


@dataclass(frozen=True, slots=True)
class FetchPolicy:
    """The limits of one run.

    The defaults lie among those of other readers: Mastodon 10 s and 1 MiB, Miniflux 20 s and 15 MiB,
    trafilatura 30 s and 20 MB.
    """

    offline: bool = False  #: open no socket at all: only what is stored
    respect_robots: bool = True
    allow_hosts: frozenset[str] = frozenset()  #: whom the user vouches for, in the forms of `localdigest.access`
    concurrency: int = 8  #: requests under way at once, over all hosts
    per_host_interval_s: float = 1.0  #: from the end of one request to the start of the next one to the same host
    max_crawl_delay_s: float = 10.0  #: a longer Crawl-delay is shortened to this
    deadline_s: float = 30.0  #: time on the network for one page, redirects and retries together
    connect_timeout_s: float = 5.0  #: name look-up, TCP and TLS, each
    max_bytes: int = 10 * _MIB  #: after decompression
    max_pdf_bytes: int = 25 * _MIB
    max_redirects: int = 5
    retries: int = 2  #: after the first try
    retry_base_s: float = 0.5  #: the wait before the first retry; doubles with each
    max_retry_after_s: float = 60.0  #: a server that asks for more patience than this gets no retry

    def __post_init__(self) -> None:
        if self.concurrency < 1:
            raise ValueError(f"concurrency must be at least 1, not {self.concurrency}")
