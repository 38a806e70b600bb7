"""What the program remembers: one SQLite file of pages, documents and digests, found by what they hold; what earlier
digests told, and how the sources are doing.

    tables ─▶ database (one open file: read, write, move a damaged one away) ─▶ schema, rescue, journal

What `put_…` has returned from is there, whatever happens: power cuts, kills, another run that moves a damaged file
away. A row that cannot be trusted is as good as none: it is made again.
"""

from localdigest.store.rows import content_key
from localdigest.store.schema import identify
from localdigest.store.tables import Store, StoredCompletion, StoreStats

__all__ = ["Store", "StoreStats", "StoredCompletion", "content_key", "identify"]
