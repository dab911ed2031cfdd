"""`make bench`: everything that needs no data of its own."""

import runpy
import sys

for name in ("startup", "archive", "discord", "slack", "fanout"):
    print(f"--- {name}")
    sys.argv = [name]
    runpy.run_module(f"benchmarks.{name}", run_name="__main__")
