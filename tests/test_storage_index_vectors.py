"""Vectors on disk: the nearest are the nearest, and what is torn is no vector."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.papers import PaperId
from storage.embedding import by_row, prepared
from storage.gist import Floats, Gist, largest, scan
from storage.ledger import Ledger, id_of, key_of, meant, print_of
from storage.vectors import Vectors, write_vectors
from tests.support.search import Letters, many, paper, tier

DICE = np.random.default_rng(3)


def units(count: int, dims: int, rank: int) -> Floats:
    """Vectors that differ mostly in a few directions, as texts' do."""
    axes = DICE.normal(size=(rank, dims)) * np.exp(-np.arange(rank) / 24)[:, None]
    made = DICE.normal(size=(count, rank)) @ axes + 0.01 * DICE.normal(size=(count, dims))
    return (made / np.linalg.norm(made, axis=1, keepdims=True)).astype(np.float32)


def shelved(folder: Path, vectors: Floats) -> tuple[Ledger, Vectors]:
    """These vectors, of as many papers, written and read again."""
    papers = [paper(f"2505.{n:05}", f"Paper {n}") for n in range(len(vectors))]
    ledger = Ledger.read(folder, 0).put(folder, papers)
    texts = np.array([print_of(meant(one)) for one in papers], np.uint64)
    write_vectors(folder, "model", np.arange(len(papers)), texts, vectors)
    return ledger, Vectors.read(folder, "model", vectors.shape[1], ledger)


@pytest.fixture(scope="module")
def thousands() -> Floats:
    return units(5_000, 48, 48)


@pytest.mark.parametrize("share", [None, 1.0, 0.5, 0.05, 0.001, 0.0])
def test_the_nearest_are_those_that_comparing_all_finds(
    tmp_path: Path, thousands: Floats, share: float | None
) -> None:
    """Exactly, whatever the filter leaves: in eight bits as they are kept."""
    _, vectors = shelved(tmp_path, thousands)
    kept = vectors.codes.astype(np.float64) * vectors.scales[:, None]
    mask = None if share is None else DICE.random(len(thousands)) < share
    for asked in units(10, 48, 48):
        near = kept @ asked
        if mask is not None:
            near[~mask] = -np.inf
        order = np.argsort(-near)[:100]
        wanted = np.sort(near[order][near[order] > -np.inf])[::-1]
        found = vectors.nearest(asked, mask, 100)
        assert len(set(found.tolist())) == len(found) == len(wanted)
        assert np.allclose(near[found], wanted, atol=1e-6)


def test_eight_bits_are_nearly_the_vector(tmp_path: Path, thousands: Floats) -> None:
    """The error is far below what tells one paper from another."""
    _, vectors = shelved(tmp_path, thousands)
    rows = np.arange(len(thousands))
    for asked in units(5, 48, 48):
        assert np.abs(vectors.cosines(rows, asked) - thousands @ asked).max() < 0.01


def test_several_threads_find_what_one_does() -> None:
    """Many vectors are shared among the processor's cores."""
    codes = DICE.integers(-127, 128, (80_000, 256), np.int8)
    asked = DICE.normal(size=256).astype(np.float32)
    assert np.allclose(scan(codes, asked), codes.astype(np.float32) @ asked, rtol=1e-3, atol=0.1)


@settings(max_examples=200)
@given(
    st.lists(st.sampled_from([-np.inf, -1.0, 0.0, 0.25, 0.5, 1.0]), max_size=2_000),
    st.integers(1, 300),
)
def test_the_largest_come_in_order_and_the_earlier_first(scores: list[float], count: int) -> None:
    """However many are equal; what is out of the question is left out."""
    ranked = sorted((-score, place) for place, score in enumerate(scores) if score > -np.inf)
    found = largest(np.array(scores, np.float32), count)
    assert found.tolist() == [place for _, place in ranked[:count]]


def test_by_their_gist_nearly_all_of_the_nearest_are_found(tmp_path: Path) -> None:
    """Of very many papers, whole vectors are compared only where the leading parts are near."""
    many_vectors = units(12_000, 128, 128)
    ledger, exact = shelved(tmp_path, many_vectors)
    Gist.make(tmp_path, "model", exact.codes, exact.scales)
    gist = Gist.read(tmp_path, "model", 128)
    assert gist is not None
    vectors = Vectors(exact.codes, exact.marks, exact.known, gist)
    found = wanted = 0
    for asked in units(10, 128, 128):
        best = set(exact.nearest(asked, None, 100).tolist())
        found += len(best & set(vectors.nearest(asked, None, 100).tolist()))
        wanted += len(best)
    assert found / wanted > 0.95
    few = np.zeros(len(ledger), np.bool_)
    few[::40] = True
    assert vectors.nearest(many_vectors[40], few, 3)[0] == 40


def test_a_gist_follows_what_is_written_later(tmp_path: Path) -> None:
    """New vectors and changed ones have their part in it."""
    first = units(300, 96, 96)
    _, vectors = shelved(tmp_path, first)
    Gist.make(tmp_path, "model", vectors.codes, vectors.scales)
    changed = np.concatenate([first[:150], units(250, 96, 96)])
    shelved(tmp_path, changed)
    gist = Gist.read(tmp_path, "model", 96)
    assert gist is not None
    assert len(gist.parts) == 400
    expected = changed @ gist.axes
    assert np.abs(gist.parts / 127 - expected).max() < 0.02


@pytest.mark.parametrize("harm", ["gist", "axes.npy", "garbage"])
def test_half_a_gist_is_none(tmp_path: Path, harm: str) -> None:
    """Every vector is compared then, which takes longer and finds the same."""
    _, vectors = shelved(tmp_path, units(300, 96, 96))
    Gist.make(tmp_path, "model", vectors.codes, vectors.scales)
    if harm == "garbage":
        (tmp_path / "model.axes.npy").write_bytes(b"\x93NUMPY garbage")
    else:
        (tmp_path / f"model.{harm}").unlink()
    assert Gist.read(tmp_path, "model", 96) is None


@pytest.mark.parametrize("file", ["codes", "marks"])
@pytest.mark.parametrize("length", [0, 7, 700])
def test_what_is_cut_off_are_papers_without_a_vector(
    tmp_path: Path, file: str, length: int
) -> None:
    """The others keep theirs, and nothing that is found lies beyond the end."""
    ledger, whole = shelved(tmp_path, units(60, 32, 32))
    path = tmp_path / f"model.{file}"
    path.write_bytes(path.read_bytes()[:length])
    vectors = Vectors.read(tmp_path, "model", 32, ledger)
    assert 0 <= vectors.known.sum() < 60
    assert set(vectors.nearest(units(1, 32, 32)[0], None, 60).tolist()) == set(
        np.flatnonzero(vectors.known).tolist()
    )
    assert whole.known.all()


def test_garbage_is_no_vector(tmp_path: Path) -> None:
    """What is torn may be any number, and none of them comes out of a search."""
    ledger, _ = shelved(tmp_path, units(200, 32, 32))
    (tmp_path / "model.marks").write_bytes(DICE.bytes(200 * 12))
    vectors = Vectors.read(tmp_path, "model", 32, ledger)
    assert not vectors.known.any()
    assert np.isfinite(vectors.scales).all()
    assert len(vectors.nearest(units(1, 32, 32)[0], None, 10)) == 0


def test_a_changed_text_has_no_vector_until_it_is_read_again(tmp_path: Path) -> None:
    """Only what is lacking is given to the model."""
    papers, model = many(12), Letters()
    ledger = Ledger.read(tmp_path, 0).put(tmp_path, papers)
    for made in prepared(tmp_path, [tier(model)], ledger, by_row(ledger, papers)):
        made.write(tmp_path, ledger)
    papers[3] = paper(papers[3].id, "Another title")
    ledger = ledger.put(tmp_path, papers)
    model.read.clear()
    (made,) = prepared(tmp_path, [tier(model)], ledger, by_row(ledger, papers))
    assert model.read == ["Another title. "]
    assert made.rows.tolist() == [3]


@given(st.integers(0, 9_912), st.integers(0, 99_999), st.booleans())
def test_an_id_is_a_number_and_back(month: int, serial: int, long: bool) -> None:
    """Both of arXiv's lengths, told apart."""
    id = f"{month:04}.{serial:05}" if long else f"{month:04}.{serial % 10_000:04}"
    assert id_of(key_of(id)) == id
    assert 0 < key_of(id) < 2**32 or id == "0000.0000"


def test_a_ledger_finds_its_papers(tmp_path: Path) -> None:
    """A paper keeps its row for ever; what is unknown has none."""
    ledger = Ledger.read(tmp_path, 0).put(tmp_path, many(50))
    again = ledger.put(tmp_path, [*many(5, 20), *many(10, 50)])
    rows = again.find([key_of(one.id) for one in many(61)])
    assert rows.tolist() == [*range(60), -1]
    assert Ledger.read(tmp_path, 60).ids([0, 59]) == [PaperId("2505.00000"), PaperId("2505.00059")]
    with pytest.raises(OSError, match="has 60 of 61"):
        Ledger.read(tmp_path, 61)
