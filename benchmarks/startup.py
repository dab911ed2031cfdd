"""How quickly the program answers, and what it weighs while it waits."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.machine import machine, spread

PAPERBOT = (sys.executable, "-m", "bot")
CONFIG = """
data = "{folder}"
[terminal]
enabled = true
[huggingface]
url = "http://127.0.0.1:9"
[[subscription]]
name = "morning"
channel = "terminal:local/papers"
"""


def timed(*arguments: str) -> float:
    """Seconds a whole process takes."""
    begun = time.perf_counter()
    subprocess.run(
        [*PAPERBOT, *arguments], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - begun


def until_digest() -> float:
    """Seconds from `paperbot demo` to the digest on the screen, with Hugging Face out of reach."""
    begun = time.perf_counter()
    environment = os.environ | {"PAPERBOT__HUGGINGFACE__URL": "http://127.0.0.1:9"}
    with subprocess.Popen(
        [*PAPERBOT, "demo"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Daily Papers ·" in line:
                taken = time.perf_counter() - begun
                process.stdout.read()
                return taken
    raise SystemExit("the demo showed no digest")


def resident(wait: float) -> tuple[int, int]:
    """Resident and peak memory of `paperbot run` with the sample in its archive, in MB (Linux)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_text(CONFIG.format(folder=folder))
        config = ("--config", str(path))
        timed("import", "--sample", *config)
        process = subprocess.Popen(
            [*PAPERBOT, "run", *config],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert process.stdin is not None
        for line in ("/paper search clip", "react 1", "/paper saved", "/paper week 2025-12-01"):
            process.stdin.write(line + "\n")
        process.stdin.flush()
        time.sleep(wait)
        status = Path(f"/proc/{process.pid}/status").read_text().splitlines()
        process.terminate()
        process.communicate()
    figures = dict(line.split(":", 1) for line in status)
    now, peak = (int(figures[key].split()[0]) // 1024 for key in ("VmRSS", "VmHWM"))
    return now, peak


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--wait", type=float, default=8.0, help="seconds before memory is read")
    options = parser.parse_args()
    print(machine())
    timed("--help")
    print(f"paperbot --help        {spread([timed('--help') for _ in range(options.runs)])}")
    print(f"demo to first digest   {spread([until_digest() for _ in range(options.runs)])}")
    now, peak = resident(options.wait)
    print(f"run with the terminal  {now} MB resident, {peak} MB at most")


if __name__ == "__main__":
    main()
