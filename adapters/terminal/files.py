"""Files handed over by the bot, put into a folder without ever leaving it or overwriting anything."""

import re
from pathlib import Path

from adapters.terminal.clean import clean
from bot.domain.posts import File

_UNSAFE = re.compile(r'[\\/:*?"<>|\s]+')


def safe_name(name: str) -> str:
    """A file name that is one component, visible, not hidden, and short enough for any file system."""
    tidy = _UNSAFE.sub("-", clean(name, 200)).strip(".-") or "file"
    stem, dot, extension = tidy.rpartition(".")
    if not dot:
        stem, extension = tidy, ""
    octets = stem.encode()[:150].decode("utf-8", "ignore")
    return f"{octets}{dot}{extension[:20]}"


def hand_over(folder: Path, file: File) -> Path:
    """Write the file as `name.bib`, or `name-2.bib` and so on when that exists. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    name = Path(safe_name(file.name))
    path, attempt = folder / name, 1
    while True:
        try:
            with path.open("xb") as out:  # x: never follows a link, never overwrites
                out.write(file.content)
        except FileExistsError:
            attempt += 1
            path = folder / f"{name.stem}-{attempt}{name.suffix}"
        else:
            return path
