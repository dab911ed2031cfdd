"""The channel's memory: what was posted in one workspace, in order, in a file that survives a crash."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message. It is posted from the moment its line has reached the disk."""

    id: int = 0
    channel: str
    at: datetime
    text: str
    key: str = ""
    papers: Mapping[int, str] = field(default_factory=dict)
    """Number in the message -> paper id."""
    thread: int | None = None
    """The message that this one answers."""
    shown: bool = False

    def dump(self) -> bytes:
        fields = asdict(self) | {"at": self.at.isoformat()}
        return json.dumps(fields).encode() + b"\n"

    @classmethod
    def load(cls, fields: dict[str, Any]) -> Self:
        papers = {int(number): str(id) for number, id in fields["papers"].items()}
        at = datetime.fromisoformat(fields["at"])
        return cls(**(fields | {"at": at, "papers": papers, "id": int(fields["id"])}))


class Transcript:
    """Append-only; in memory when it has no path. OSError means that nothing was posted.

    One process at a time writes to it.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._last = 0
        self._by_key: dict[tuple[str, str], Line] = {}
        self._latest: dict[str, list[Line]] = {}
        self._unshown: dict[int, Line] = {}
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            self._read(path)

    def record(self, line: Line) -> Line:
        """Write the message down under the next id, which the returned line carries."""
        line = replace(line, id=self._last + 1)
        self._append(line.dump())
        self._learn(line)
        return line

    def mark_shown(self, line: Line) -> None:
        """Note that the message was printed, so that it is not printed again at the next start."""
        self._unshown.pop(line.id, None)
        self._append(json.dumps({"shown": line.id}).encode() + b"\n")

    def find(self, channel: str, key: str, since: datetime) -> Line | None:
        """The message that was posted under `key`, if that was not before `since`."""
        line = self._by_key.get((channel, key))
        return line if line and line.at >= since else None

    def latest(self, channel: str) -> list[Line]:
        """The last message with papers and those before it in its thread, the newest first."""
        return self._latest.get(channel, [])[::-1]

    def unshown(self) -> list[Line]:
        """Messages posted by a process that died before it could print them."""
        return list(self._unshown.values())

    def _learn(self, line: Line) -> None:
        self._last = max(self._last, line.id)
        if not line.shown:
            self._unshown[line.id] = line
        brief = replace(line, text="")
        if line.key:
            self._by_key[line.channel, line.key] = brief
        if line.papers:
            thread = self._latest.get(line.channel, [])
            goes_on = thread and line.thread in (thread[0].id, thread[0].thread or 0)
            self._latest[line.channel] = [*thread, brief] if goes_on else [brief]

    def _read(self, path: Path) -> None:
        size = 0
        with path.open("rb") as file:
            for raw in file:
                if raw.endswith(b"\n"):
                    size += len(raw)
                    self._understand(raw)
        if size < path.stat().st_size:  # a line torn by a crash: it was never posted
            os.truncate(path, size)

    def _understand(self, raw: bytes) -> None:
        try:
            fields = json.loads(raw)
            if "id" in fields:
                self._learn(Line.load(fields))
            else:
                self._unshown.pop(fields["shown"], None)
        except (ValueError, TypeError, KeyError, AttributeError):
            return  # a line spoilt by the disk; the others still count

    def _append(self, raw: bytes) -> None:
        if self._path is None:
            return
        with self._path.open("ab", buffering=0) as file:
            before = file.tell()
            try:
                rest = memoryview(raw)
                while rest:  # a disk that fills up takes a part, then refuses
                    rest = rest[file.write(rest) :]
                os.fsync(file.fileno())
            except OSError:
                file.truncate(before)
                raise
