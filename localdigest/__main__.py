"""Lets `python -m localdigest` be the command."""

from localdigest.cli.main import main

if __name__ == "__main__":
    main()
