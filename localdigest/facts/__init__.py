"""Checks sentences against the sentences that they rest on, by program and in any language. Knows no model."""

from localdigest.facts.case import Offence, Search
from localdigest.facts.judge import Judgement, judge, weigh
from localdigest.facts.moments import day_of
from localdigest.facts.reading import Reading, read
from localdigest.facts.tokens import Kind

__all__ = ["Judgement", "Kind", "Offence", "Reading", "Search", "day_of", "judge", "read", "weigh"]
