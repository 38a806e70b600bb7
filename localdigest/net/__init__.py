"""Everything that opens a socket: one guarded client for the whole program."""
