"""How well the model finds: alone, and together with BM25 over stems as a search does it."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy import sparse

from benchmarks.judged import Collection, Quality, evaluate, paired
from benchmarks.static_model.texts import SEED, Text, phrase, sentence
from storage.asking import ASKING, STOP
from storage.terms import stems

Embed = Callable[[Sequence[str]], np.ndarray]

DEPTH, LEXICAL = 200, 0.7
"""Candidates of each kind, and what words weigh against meaning."""

_K1, _B, _TITLES = 1.5, 0.75, 2


class Words:
    """BM25 over stems, the title counted twice."""

    def __init__(self, documents: Mapping[str, tuple[str, str]]) -> None:
        self._stop = {stem for word in STOP for stem in stems(word)}
        self._columns: dict[str, int] = {}
        columns: list[int] = []
        counts: list[int] = []
        ends = [0]
        for title, text in documents.values():
            tally = Counter(self._kept(title) * _TITLES + self._kept(text))
            columns += (self._columns.setdefault(w, len(self._columns)) for w in tally)
            counts += tally.values()
            ends.append(len(columns))
        bag = sparse.csr_matrix((np.array(counts, np.float32), columns, ends))
        length = np.asarray(bag.sum(1)).ravel()
        within = np.bincount(bag.indices)
        rarity = np.log(1 + (bag.shape[0] - within + 0.5) / (within + 0.5))
        norm = _K1 * (1 - _B + _B * np.repeat(length / length.mean(), np.diff(bag.indptr)))
        bag.data *= (_K1 + 1) / (bag.data + norm) * rarity[bag.indices]
        self._weights = bag.tocsc()

    def scores(self, question: str) -> np.ndarray:
        """One a document."""
        asked = Counter(self._columns[w] for w in self._kept(question) if w in self._columns)
        return self._weights[:, [*asked]] @ np.array([*asked.values()], np.float32)

    def _kept(self, text: str) -> list[str]:
        found = stems(text)
        return [word for word in found if word not in self._stop] or found


def judge(collection: Collection, embed: Embed) -> list[Quality]:
    """BM25, the model, and both."""
    ids = [*collection.documents]
    vectors = embed([f"{title}. {text}" for title, text in collection.documents.values()])
    words = Words(collection.documents)
    runs: list[dict[str, list[str]]] = [{}, {}, {}]
    for question, text in collection.questions.items():
        lexical = words.scores(text)
        meant = " ".join(w for w in text.split() if w.lower().strip("?.,") not in ASKING) or text
        cosines = vectors @ embed([meant])[0]
        for run, scores in zip(runs, (lexical, cosines + 2, _both(lexical, cosines)), strict=True):
            best = np.argsort(-scores, kind="stable")[:100]
            run[question] = [ids[n] for n in best if scores[n] > 0]
    return [evaluate(collection, run) for run in runs]


def _both(lexical: np.ndarray, cosines: np.ndarray) -> np.ndarray:
    """A convex sum over the best of each: words by the best score, meaning from worst to best."""
    words = np.argsort(-lexical, kind="stable")[:DEPTH]
    words = words[lexical[words] > 0]
    union = np.union1d(words, np.argsort(-cosines, kind="stable")[:DEPTH])
    known = np.zeros_like(lexical)
    known[words] = lexical[words] / max(lexical[words].max(initial=0), 1e-9)
    meant = cosines[union] - cosines[union].min()
    made = np.zeros_like(lexical)
    made[union] = LEXICAL * known[union] + (1 - LEXICAL) * meant / max(meant.max(), 1e-9) + 1e-9
    return made


def unseen(papers: Sequence[Text], count: int = 500) -> list[Collection]:
    """Papers to be found again by a phrase of the title, the title, and a sentence of the abstract."""
    dice = random.Random(SEED + 1)
    asked = dice.sample([p for p in papers if len(p.abstract) > 200], count)
    bare = {p.id: ("", p.abstract) for p in papers}
    taken = {p.id: sentence(p, dice) for p in asked}
    rest = {p.id: (p.title, p.abstract.replace(taken.get(p.id, "\0"), " ")) for p in papers}
    judged = {p.id: {p.id: 1} for p in asked}
    phrases = {p.id: phrase(p, dice) or p.title for p in asked}
    return [
        Collection("unseen, phrase", bare, phrases, judged),
        Collection("unseen, title", bare, {p.id: p.title for p in asked}, judged),
        Collection("unseen, sentence", rest, taken, judged),
    ]


def report(collection: Collection, embed: Embed) -> None:
    """Three lines."""
    before, alone, both = judge(collection, embed)
    print(f"{collection.name:17} BM25   {before}")
    print(f"{'':17} model  {alone}")
    print(f"{'':17} both   {both}  {paired(before, both)}", flush=True)
