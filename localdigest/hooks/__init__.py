"""Runs the user's own commands after a digest was written, in a process that was there before anything was read.

    main ─commands, filled in─▶ child          before the first byte of a source
    main ─"run"─▶ child ─▶ git, rsync, …       after the last file is in place

The child keeps the network that the main process gives up. So it must take nothing from a process that has read what
strangers wrote but the word to begin.
"""
