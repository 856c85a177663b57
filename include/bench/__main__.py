"""Runs the benchmark: ``python -m include.bench``; see `make bench`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from include.bench import idle, limited, memory, parsing, sync_requests, throughput
from include.bench.report import Store
from include.local.home import ROOT

PARTS = tuple(module.PART for module in (sync_requests, limited, throughput, memory, parsing, idle))


def main() -> None:
    """Read the command line, measure, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m include.bench", description=__doc__)
    numbers = [part.number for part in PARTS]
    parser.add_argument("--only", type=int, choices=numbers, nargs="+", default=numbers, help="numbers of the parts")
    parser.add_argument("--size", type=float, default=1.0, help="factor for all sizes (default: %(default)s)")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where results go (default: %(default)s)")
    options = parser.parse_args()
    store = Store(options.docs)
    for part in PARTS:
        if part.number not in options.only:
            continue
        sys.stdout.write(f"{part.number}. {part.title} ...\n")
        sys.stdout.flush()
        begin = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="wrike-bench-") as folder:
            result = part.measure(options.size, Path(folder))
        kept = store.keep(part, result, options.size, time.monotonic() - begin)
        for ratio in part.tell(kept).ratios:
            sys.stdout.write(f"   {ratio}\n")
        sys.stdout.write(f"   took {time.monotonic() - begin:.0f} s\n")
    store.write(PARTS)
    sys.stdout.write(f"Written: {options.docs / 'benchmarks.md'}\n")


if __name__ == "__main__":
    main()
