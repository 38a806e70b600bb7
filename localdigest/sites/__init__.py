"""Sites that answer programs better somewhere else than under the address that people share: one small file each.

    address ─plan_for()─▶ steps of asks ─(stages.visit)─▶ answers ─read_answers()─▶ Parsed

Importing a site loads no parser: what is asked is decided where the network is, and what is answered is read where it
is not.
"""
