"""Services that name pages on a topic, without a key: one small file each.

    topic ─query_of()─▶ Query ─ask()─▶ address ─(stages.discover)─▶ answer ─hits_of()─▶ Hits

Nobody is asked unless the user says so, since the topic's words are sent. As with sites, importing a service loads no
parser: what is asked is decided where the network is, and what is answered is read where it is not.
"""
