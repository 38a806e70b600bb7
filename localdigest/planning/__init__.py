"""Which model fits this machine, how it is best loaded, and how long a digest takes. Knows the hub and the engine."""
