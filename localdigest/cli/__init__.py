"""The command line: parse, settle the settings, call, print. Only this package imports typer and rich."""
