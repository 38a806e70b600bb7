"""What is right and what is missing on this machine, with what to do about it, and how llama.cpp is installed here.

    gather.py: the system is asked ─▶ facts ─▶ pure checks ─▶ Check(name, status, found, hint) ─▶ report

What it does not do: change anything, or use the network unless told to.
"""

from localdigest.doctor.check import Check, Status, by_urgency, is_healthy
from localdigest.doctor.examine import Options, Places, examine
from localdigest.doctor.install import Command, install_commands

__all__ = [
    "Check",
    "Command",
    "Options",
    "Places",
    "Status",
    "by_urgency",
    "examine",
    "install_commands",
    "is_healthy",
]
