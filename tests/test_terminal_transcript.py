"""The transcript: what it says was posted was posted, whenever the process died."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.terminal.transcript import Line, Transcript
from tests.support.terminal import NOON


def _line(text: str = "hello", **fields: Any) -> Line:
    given: dict[str, Any] = {"channel": "papers", "at": NOON, "text": text} | fields
    return Line(**given)


def test_ids_count_up_across_restarts(tmp_path: Path) -> None:
    """An id never names two messages."""
    path = tmp_path / "deep" / "local.jsonl"
    assert [Transcript(path).record(_line()).id for _ in range(3)] == [1, 2, 3]


def test_it_answers_exactly_after_a_restart(tmp_path: Path) -> None:
    """The key finds the message in its channel, if it was posted since then."""
    path = tmp_path / "t"
    Transcript(path).record(_line(key="k"))
    again = Transcript(path)
    found = again.find("papers", "k", NOON)
    assert found is not None
    assert found.id == 1
    assert again.find("papers", "k", NOON + timedelta(seconds=1)) is None
    assert again.find("other", "k", NOON) is None
    assert again.find("papers", "x", NOON) is None


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_torn_last_line_was_never_posted(tmp_path: Path, cut: int) -> None:
    """It is dropped, and what is written next is whole again."""
    path = tmp_path / "t"
    first = Transcript(path)
    first.record(_line(key="a"))
    first.record(_line(key="b"))
    path.write_bytes(path.read_bytes()[:-cut])
    again = Transcript(path)
    assert again.find("papers", "a", NOON)
    assert again.find("papers", "b", NOON) is None
    assert again.record(_line(key="b")).id == 2
    assert Transcript(path).find("papers", "b", NOON)


def test_a_spoilt_line_does_not_spoil_the_others(tmp_path: Path) -> None:
    """Rubbish between two lines is passed over."""
    path = tmp_path / "t"
    Transcript(path).record(_line(key="a"))
    with path.open("ab") as file:
        file.write(b'\x00\x00\n[]\n"x"\n{"id": 7}\n{"shown": []}\n')
    Transcript(path).record(_line(key="b"))
    again = Transcript(path)
    assert again.find("papers", "a", NOON)
    assert again.find("papers", "b", NOON)


def test_messages_that_were_not_printed_are_known(tmp_path: Path) -> None:
    """Recorded without a mark means that nobody has seen it yet."""
    path = tmp_path / "t"
    first = Transcript(path)
    first.mark_shown(first.record(_line("seen")))
    first.record(_line("answered", shown=True))
    first.record(_line("unseen"))
    assert [line.text for line in Transcript(path).unshown()] == ["unseen"]


def test_the_latest_message_brings_those_of_its_thread(tmp_path: Path) -> None:
    """Papers posted one by one below a heading count as one message to react to."""
    path = tmp_path / "t"
    transcript = Transcript(path)
    transcript.record(_line(papers={1: "old"}))
    head = transcript.record(_line())
    transcript.record(_line(papers={1: "a"}, thread=head.id))
    transcript.record(_line(papers={2: "b"}, thread=head.id))
    transcript.record(_line(channel="other", papers={1: "x"}))
    for known in (transcript, Transcript(path)):
        assert [dict(line.papers) for line in known.latest("papers")] == [{2: "b"}, {1: "a"}]
    transcript.record(_line(papers={1: "new"}))
    assert [dict(line.papers) for line in transcript.latest("papers")] == [{1: "new"}]


def test_nothing_is_posted_when_it_cannot_be_written(tmp_path: Path) -> None:
    """The failed message takes no id and is not found."""
    path = tmp_path / "t"
    transcript = Transcript(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        transcript.record(_line(key="k"))
    assert transcript.find("papers", "k", datetime.min.replace(tzinfo=UTC)) is None
    path.rmdir()
    assert transcript.record(_line(key="k")).id == 1


def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    """What was written of it is taken away, so that the next line stands alone."""
    path = tmp_path / "t"
    transcript = Transcript(path)
    transcript.record(_line(key="a"))
    before = path.read_bytes()
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    old_limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    old_action = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, old_limit[1]))
    try:
        with pytest.raises(OSError, match="large"):
            transcript.record(_line(key="b"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old_limit)
        signal.signal(signal.SIGXFSZ, old_action)
    assert path.read_bytes() == before
