"""A model server on one's own network, used as the program's own engine is.

main ─jobs─▶ messenger, a process of its own (process.py) ─HTTP─▶ servers
               engine.py   jobs in, completions out
               pool.py     which job goes to which server, and again where one failed (order.py, pace.py)
               ask.py      one question to one server (caller.py), in the words of api.py; no text is a mark (plain.py)
               probe.py    what a server is, and in which form it keeps a schema (facts.py, forms.py, grammar.py)
               valid.py    whether an answer keeps its schema, whatever the server promised
"""
