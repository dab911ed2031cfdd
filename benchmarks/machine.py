"""Where a figure was measured, and how figures are told."""

import os
import platform
import sqlite3
import statistics
from collections.abc import Sequence
from pathlib import Path


def machine() -> str:
    """One line: processor, cores, Python, SQLite."""
    cpu = "unknown processor"
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        cpu = names[0].partition(":")[2].strip() if names else cpu
    return (
        f"{cpu}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def spread(seconds: Sequence[float]) -> str:
    """Median and range, in milliseconds."""
    median = statistics.median(seconds)
    return f"{median * 1e3:.0f} ms (min {min(seconds) * 1e3:.0f}, max {max(seconds) * 1e3:.0f})"
