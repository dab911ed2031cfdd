"""Texts as sparse rows: how often each piece is in each."""

from collections import Counter
from collections.abc import Iterable

import numpy as np
from scipy import sparse

from storage.meaning.wordpieces import Wordpieces


def bags(tokens: Wordpieces, texts: Iterable[str], width: int) -> sparse.csr_matrix:
    """One row a text."""
    columns: list[int] = []
    counts: list[int] = []
    ends = [0]
    for text in texts:
        found = Counter(tokens.ids(text))
        columns += sorted(found)
        counts += (found[id] for id in sorted(found))
        ends.append(len(columns))
    data = (np.array(counts, np.float32), np.array(columns, np.int32), np.array(ends))
    return sparse.csr_matrix(data, shape=(len(ends) - 1, width))


def without(
    bag: sparse.csr_matrix, asked: sparse.csr_matrix, share: float, dice: np.random.Generator
) -> sparse.csr_matrix:
    """The rows of `bag` less some of the pieces that the same rows of `asked` have too."""
    common = bag.multiply(asked > 0).tocsr()
    common.data *= dice.random(len(common.data)) < share
    return (bag - common).tocsr()


def units(vectors: np.ndarray) -> np.ndarray:
    """Each row at length one; zeros stay."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
