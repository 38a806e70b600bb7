"""Processes that may do less than their user: no internet, little memory, little time, no files but the program's own.

    deny_internet()   this process, and all that it starts, opens no internet socket again
    Worker            a child that reads what strangers wrote, and is replaced when that goes wrong

Imports nothing heavy: a child enters its jail before it loads anything else.
"""

from localdigest.sandbox.enforced import Barrier, Enforced, Files
from localdigest.sandbox.network import deny_internet

__all__ = ["Barrier", "Enforced", "Files", "deny_internet"]
