"""The jailed reader that all tests of one run share: a new one for each would load its parsers each time."""

from __future__ import annotations

import atexit

from localdigest.reader import Reader

READER = Reader()
atexit.register(READER.close)
