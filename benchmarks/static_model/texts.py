"""What is learnt from: texts cut from arXiv's metadata, the same at every run."""

import gzip
import json
import random
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

SEED = 20

_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_WORD = re.compile(r"[\w-]+")
_LENGTHS = (1, 2, 2, 3, 3, 4)
_SMALL_WORDS = """
a an and are as at be by can do for from how in into is it its of on or that the their this to
towards toward under upon using via we what when where which why with without
"""
_SMALL = frozenset(_SMALL_WORDS.split())


class Text(NamedTuple):
    """A paper as far as training reads it."""

    id: str
    title: str
    abstract: str


def read(path: Path) -> list[Text]:
    """Records of arXiv metadata, one JSON object a line."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    return [
        Text(r["id"], " ".join(r["title"].split()), " ".join(r["summary"].split())) for r in records
    ]


def held_out(paper: Text) -> bool:
    """One paper in twenty is kept for choosing settings and never learnt from."""
    return zlib.crc32(paper.id.encode()) % 20 == 0


def sentences(abstract: str) -> list[str]:
    """Of a length that says something."""
    return [s for s in _END.split(abstract) if 40 < len(s) < 260]


def sentence(paper: Text, dice: random.Random) -> str:
    """One of the abstract, or the title where it has none."""
    return dice.choice(sentences(paper.abstract) or [paper.title])


def phrase(paper: Text, dice: random.Random) -> str:
    """One to four neighbouring words of the title, as somebody types who searches; empty if all are small."""
    found = _WORD.findall(paper.title)
    length = dice.choice(_LENGTHS)
    first = dice.randrange(max(len(found) - length + 1, 1))
    taken = found[first : first + length]
    while taken and taken[0].lower() in _SMALL:
        taken.pop(0)
    while taken and taken[-1].lower() in _SMALL:
        taken.pop()
    return " ".join(taken)


def lessons(papers: Sequence[Text]) -> dict[str, list[str]]:
    """What the teacher reads: four kinds of text, each as long as a kind of question or answer."""
    dice = random.Random(SEED)
    order = [paper for paper in papers if not held_out(paper)]
    dice.shuffle(order)
    parts = (sentences(paper.abstract) for paper in order)
    single = [dice.choice(found) for found in parts if found]
    phrases = dict.fromkeys(phrase(dice.choice(order), dice) for _ in range(2 * len(order)))
    return {
        "abstracts": [f"{p.title}. {p.abstract}" for p in order],
        "titles": [p.title for p in reversed(order)],
        "sentences": single,
        "phrases": [text for text in phrases if len(text) > 2],
    }
