"""What the guard adds to a connection: bare TCP on loopback beside the same through the guard.

usage: bench_guard.py [--connections N]

The two take turns, and the median of each is told in microseconds.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import threading
import time

from localdigest.net.guard import Guard


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=2000)
    count = parser.parse_args().connections
    guard = Guard(allow_hosts={"127.0.0.1"})
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        port = listener.getsockname()[1]
        threading.Thread(target=_accept, args=(listener,), daemon=True).start()
        bare, guarded = [], []
        for _ in range(count):
            started = time.perf_counter()
            socket.create_connection(("127.0.0.1", port), timeout=5.0).close()
            between = time.perf_counter()
            guard.connect_tcp("127.0.0.1", port, timeout=5.0).close()
            bare.append(between - started)
            guarded.append(time.perf_counter() - between)
    plain, with_guard = (1e6 * statistics.median(times) for times in (bare, guarded))
    print(f"bare {plain:.0f} µs, through the guard {with_guard:.0f} µs: {with_guard - plain:.0f} µs more")


def _accept(listener: socket.socket) -> None:
    try:
        while True:
            listener.accept()[0].close()
    except OSError:  # closed: all is measured
        return


if __name__ == "__main__":
    main()
