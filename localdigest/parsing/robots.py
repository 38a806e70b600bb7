"""robots.txt: the only module that imports protego."""

from __future__ import annotations

from dataclasses import dataclass

from protego import Protego

__all__ = ["Robots", "parse_robots"]


@dataclass(frozen=True, slots=True)
class Robots:
    """What a site asks of programs with one name."""

    rules: Protego
    agent: str  #: the product token, without version

    def allows(self, url: str) -> bool:
        return bool(self.rules.can_fetch(url, self.agent))

    @property
    def crawl_delay_s(self) -> float:
        """Seconds between two requests that the site asks for; 0 when it asks for none."""
        return float(self.rules.crawl_delay(self.agent) or 0.0)


def parse_robots(body: bytes, *, agent: str) -> Robots:
    """Any bytes are rules: what is none is ignored, as RFC 9309 asks."""
    return Robots(Protego.parse(body.decode("utf-8-sig", errors="replace")), agent)
