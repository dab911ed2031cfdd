"""Judged collections, and how well a ranking answers them. To be imported; run nothing from this folder by path."""

import gzip
import json
import math
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.terms import stems

_REMEMBERED = 2 / 3


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents (title, text), questions, and which documents answer each, with a grade."""

    name: str
    documents: Mapping[str, tuple[str, str]]
    questions: Mapping[str, str]
    judged: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Quality:
    """Means over the questions; `each` is nDCG@10 a question, for comparing in pairs."""

    ndcg: float
    recall10: float
    recall100: float
    each: tuple[float, ...]

    def __str__(self) -> str:
        return f"nDCG@10 {self.ndcg:.4f}  R@10 {self.recall10:.3f}  R@100 {self.recall100:.3f}"


def read(folder: Path) -> Collection:
    """A folder as BEIR lays it out: corpus.jsonl, queries.jsonl (each also .gz) and qrels.tsv."""
    documents = {r["_id"]: (r["title"], r["text"]) for r in _records(folder, "corpus")}
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        question, document, grade = line.split("\t")
        if int(grade) > 0:
            judged[question][document] = max(int(grade), judged[question].get(document, 0))
    texts = {r["_id"]: r["text"] for r in _records(folder, "queries")}
    questions = {id: text for id, text in texts.items() if judged.get(id)}
    return Collection(folder.name, documents, questions, judged)


def known_items(path: Path, count: int = 500, seed: int = 6) -> Collection:
    """Recorded Daily Papers: each question is one paper's AI summary, which is not in the documents.

    The summary says in other words what the abstract says; whoever half remembers a paper asks so.
    """
    papers = {paper["id"]: paper for paper in _papers(path)}
    told = sorted(id for id, paper in papers.items() if paper.get("ai_summary"))
    asked = random.Random(seed).sample(told, min(count, len(told)))
    return Collection(
        "daily",
        {id: (_line(paper["title"]), _line(paper["summary"])) for id, paper in papers.items()},
        {id: _line(papers[id]["ai_summary"]) for id in asked},
        {id: {id: 1} for id in asked},
    )


def paraphrased(path: Path, count: int = 500, seed: int = 6) -> Collection:
    """The same, with summaries among the documents as in an archive, asked by somebody who half remembers: no
    word of the title, a third of the rest forgotten, and the clauses in another order."""
    known = known_items(path, count, seed)
    papers = {paper["id"]: paper for paper in _papers(path)}
    documents = {
        id: (title, f"{text} {_line(papers[id].get('ai_summary') or '')}")
        for id, (title, text) in known.documents.items()
    }
    dice = random.Random(seed)
    questions = {
        id: half_remembered(text, known.documents[id][0], dice)
        for id, text in known.questions.items()
    }
    return Collection("daily, half remembered", documents, questions, known.judged)


def half_remembered(text: str, title: str, dice: random.Random) -> str:
    """What is left of a text."""
    titled = set(stems(title))
    clauses = re.split(r"[,;:.]|\b(?:and|by|that|which|through|using)\b", text)
    dice.shuffle(clauses)
    left = [word for word in " ".join(clauses).split() if not titled & set(stems(word))]
    return " ".join(word for word in left if dice.random() < _REMEMBERED)


def evaluate(collection: Collection, rankings: Mapping[str, Sequence[str]]) -> Quality:
    """`rankings` has the documents found for each question, best first; none for a missing one."""
    asked = [(rankings.get(id, ()), collection.judged[id]) for id in collection.questions]
    each = tuple(ndcg(ranked, judged) for ranked, judged in asked)
    return Quality(
        _mean(each),
        _mean([recall(ranked, judged, 10) for ranked, judged in asked]),
        _mean([recall(ranked, judged, 100) for ranked, judged in asked]),
        each,
    )


def ndcg(ranked: Sequence[str], judged: Mapping[str, int], depth: int = 10) -> float:
    """Gain is the grade, discounted by the logarithm of the rank (as trec_eval's ndcg_cut)."""
    ideal = sorted(judged.values(), reverse=True)[:depth]
    gained = (judged.get(id, 0) for id in ranked[:depth])
    return _discounted(gained) / (_discounted(iter(ideal)) or 1)


def recall(ranked: Sequence[str], judged: Mapping[str, int], depth: int) -> float:
    """The share of what answers that is among the first."""
    return len(judged.keys() & set(ranked[:depth])) / len(judged)


def paired(before: Quality, after: Quality) -> str:
    """The gain in percent, and its paired t: beyond 2 it is hardly chance."""
    gains = [b - a for a, b in zip(before.each, after.each, strict=True)]
    mean = _mean(gains)
    spread = math.sqrt(sum((g - mean) ** 2 for g in gains) / max(len(gains) - 1, 1))
    t = mean / (spread / math.sqrt(len(gains))) if spread else 0.0
    return f"{100 * mean / (before.ndcg or 1):+.1f} % (t {t:+.1f})"


def _discounted(gains: Iterator[int]) -> float:
    return sum(gain / math.log2(rank) for rank, gain in enumerate(gains, 2))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _line(text: str) -> str:
    return " ".join(text.split())


def _records(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    packed = folder / f"{name}.jsonl.gz"
    path = packed if packed.exists() else folder / f"{name}.jsonl"
    yield from _lines(path)


def _papers(path: Path) -> Iterator[dict[str, Any]]:
    for day in _lines(path):
        yield from (item["paper"] for item in day["items"])


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open() as file:
        yield from (json.loads(line) for line in file)
