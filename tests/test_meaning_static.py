"""The model that comes with the program: pieces as BERT has them, sound vectors of any text, and some sense."""

import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import storage.meaning.static
from adapters.huggingface.payload import read_item
from adapters.sample import SampleFeed
from bot.domain.papers import Paper
from storage.meaning.static import StaticModel, Vectors, quantised
from storage.meaning.wordpieces import LONGEST_TEXT, Wordpieces, words

FOLDER = Path(storage.meaning.static.__file__).parent
PIECES = (FOLDER / "pieces.txt").read_text("utf-8").splitlines()
BERT = Wordpieces(PIECES)
MODEL = StaticModel()


def spelled(text: str) -> list[str]:
    return [PIECES[id] for id in BERT.ids(text)]


def cosine(one: str, other: str) -> float:
    a, b = MODEL.embed([one, other])
    return float(a @ b)


@pytest.fixture(scope="module")
def sample() -> list[Paper]:
    papers = (paper for _, some in SampleFeed(read_item).batches() for paper in some)
    return [*{paper.id: paper for paper in papers}.values()]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("unaffable", "una ##ffa ##ble"),
        ("Hello, World!", "hello , world !"),
        ("CLIP-based VLMs", "clip - based v ##lm ##s"),
        ("Łukasz's naïve Café", "ł ##uka ##sz ' s naive cafe"),
        ("GPT-4o\u2014yes", "gp ##t - 4 ##o — yes"),
        ("3×5 a\u00adb\u200bc", "3 ##× ##5 abc"),
        ("snake_case $x$", "snake _ case $ x $"),
        ("tab\tand\nline\u00a0end\u2028here", "tab and line end here"),
        ("nul\0 \ufffdgone", "nu ##l gone"),
        ("大学x", "大 学 x"),
        ("[CLS] ##ing", "[ cl ##s ] # # ing"),
        ("🤖 robots", "[UNK] robots"),
        ("", ""),
    ],
)
def test_words_fall_into_the_pieces_that_bert_knows(text: str, pieces: str) -> None:
    """Lower case, no accents, punctuation apart, longest piece first; what cannot be spelled is unknown."""
    assert spelled(text) == pieces.split()


def test_the_vocabulary_is_berts() -> None:
    """A transformer with the same vocabulary may be fed with these numbers."""
    assert len(PIECES) == len(set(PIECES)) == 30_522
    ids = [PIECES.index(piece) for piece in ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the")]
    assert ids == [0, 100, 101, 102, 103, 1996]


@given(st.text())
@settings(max_examples=200, deadline=None)
def test_nothing_but_space_and_marks_is_lost_between_words(text: str) -> None:
    """Words hold no space, and are never empty."""
    assert all(word and not any(sign.isspace() for sign in word) for word in words(text))


@given(st.lists(st.text(), max_size=4))
@example(["", "\ud800", "\0" * 50, "你好", "a" * 200])
@settings(max_examples=200, deadline=None)
def test_any_text_has_a_sound_vector(texts: list[str]) -> None:
    """Finite numbers; of length one, or all zero where no piece is known."""
    vectors = MODEL.embed(texts)
    assert vectors.shape == (len(texts), MODEL.dims)
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()
    lengths = np.linalg.norm(vectors, axis=1)
    assert np.all((lengths == 0) | (np.abs(lengths - 1) < 1e-5))


@pytest.mark.parametrize("text", ["", "   ", "🤖", "[", "\u0301", "你"])
def test_nothing_to_say_is_zero_or_one_word(text: str) -> None:
    """A text without a known piece is near nothing, itself included."""
    length = np.linalg.norm(MODEL.embed([text])[0])
    assert length == pytest.approx(1.0 if text == "[" else 0.0)


def test_a_text_means_the_same_in_any_company() -> None:
    """One by one or together, the same numbers; order of words does not matter."""
    texts = ["vision transformers", "", "protein folding", "transformers vision"]
    together = MODEL.embed(texts)
    alone = np.concatenate([MODEL.embed([text]) for text in texts])
    assert np.allclose(together, alone, atol=1e-6)
    assert np.allclose(together[0], together[3], atol=1e-6)
    assert MODEL.embed([]).shape == (0, MODEL.dims)


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        ("qxz" * 33 + " ") * 10_000,
        "e\u0301\u0302" * 300_000,
        "\ufdfa" * 100_000,
        "你" * 1_000_000,
        "".join(map(chr, range(0x20, 0x11000))) * 5,
    ],
)
def test_hostile_texts_take_no_time(text: str) -> None:
    """Only so much of a text is read, and a word is never tried in more ways than pieces are long."""
    begun = time.process_time()
    assert np.isfinite(MODEL.embed([text])).all()
    assert time.process_time() - begun < 0.5


def test_what_lies_beyond_the_limit_is_not_read() -> None:
    """A text of that length and the same with more behind it mean the same."""
    text = ("word " * LONGEST_TEXT)[:LONGEST_TEXT]
    assert np.array_equal(MODEL.embed([text]), MODEL.embed([text + " protein" * 99]))


@pytest.mark.parametrize(
    ("one", "near", "far"),
    [
        ("image captions", "describing pictures in words", "proof of a theorem on graphs"),
        ("robot grasping", "dexterous manipulation by a hand", "speech of dialects"),
        ("reward models", "reinforcement learning from human preferences", "satellite imagery"),
        ("summarizing news", "abstractive condensation of documents", "motion planning of drones"),
        ("Gaussian splatting", "novel view synthesis with radiance fields", "machine translation"),
        ("jailbreak attacks", "safety alignment of language models", "medical ultrasound"),
        ("automatic speech recognition", "transcribing spoken audio", "protein structure"),
        ("tumor segmentation", "delineating lesions in scans", "chess endgames"),
    ],
)
def test_what_is_related_is_nearer_without_a_shared_word(one: str, near: str, far: str) -> None:
    """This is what it is for: meaning beyond equal words."""
    assert not set(words(one)) & set(words(near))
    assert cosine(one, near) > cosine(one, far) + 0.1


def test_titles_find_their_abstracts(sample: list[Paper]) -> None:
    """Among the bundled papers three titles in four are nearest to their own abstract, short as these are."""
    papers = [paper for paper in sample if paper.abstract]
    titles = MODEL.embed([paper.title for paper in papers])
    abstracts = MODEL.embed([paper.abstract for paper in papers])
    nearest = (titles @ abstracts.T).argmax(axis=1)
    assert np.mean(nearest == np.arange(len(papers))) > 0.75


def test_titles_of_one_subject_are_nearer(sample: list[Paper]) -> None:
    """Bundled papers that share keywords are nearer by title than those that share none."""
    vectors = MODEL.embed([paper.title for paper in sample])
    keywords = [{word.lower() for word in paper.keywords} for paper in sample]
    pairs = [(a, b) for a, b in combinations(range(len(sample)), 2) if keywords[a] and keywords[b]]
    related = [float(vectors[a] @ vectors[b]) for a, b in pairs if len(keywords[a] & keywords[b])]
    others = [float(vectors[a] @ vectors[b]) for a, b in pairs if not keywords[a] & keywords[b]]
    assert len(related) > 10
    assert np.mean(related) > np.mean(others) + 0.1


@given(
    st.lists(st.lists(st.floats(-1e3, 1e3, width=32), min_size=8, max_size=8), max_size=5),
)
@settings(max_examples=100, deadline=None)
def test_eight_bits_are_nearly_the_vector(rows: Sequence[Sequence[float]]) -> None:
    """No number is off by more than half a step; zeros stay zeros."""
    vectors: Vectors = np.array(rows, np.float32).reshape(-1, 8)
    numbers, scales = quantised(vectors)
    assert numbers.dtype == np.int8
    assert scales.shape == (len(rows),)
    again = numbers * scales[:, None]
    assert np.all(np.abs(again - vectors) <= scales[:, None] * 0.51 + 1e-6)


def test_eight_bits_keep_the_order_of_neighbours(sample: list[Paper]) -> None:
    """The nearest of each paper is the same, or as near, with vectors of eight bits."""
    vectors = MODEL.embed([paper.title for paper in sample])
    numbers, scales = quantised(vectors)
    exact = vectors @ vectors.T
    rough = vectors @ (numbers * scales[:, None]).T
    assert np.abs(exact - rough).max() < 0.01


def test_what_is_shipped_is_small() -> None:
    """Eight megabytes, everything in the folder counted."""
    shipped = [path for path in FOLDER.iterdir() if path.suffix in {".npz", ".txt", ".md"}]
    assert {path.name for path in shipped} >= {"static.npz", "pieces.txt", "MODEL.md"}
    assert sum(path.stat().st_size for path in shipped) <= 8_000_000


def test_another_table_has_another_name() -> None:
    """Vectors of two tables cannot be compared: whoever makes a new one counts up the name and changes this sum."""
    table = zlib.crc32((FOLDER / "static.npz").read_bytes())
    assert (StaticModel.name, f"{table:08x}") == ("paperbot-static-1", "4dc8d17a")


def test_importing_reads_nothing() -> None:
    """The table is read when it is first used, not before."""
    program = (
        "import sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: event == 'open' and opened.append(str(args[0])))\n"
        "from storage.meaning.static import StaticModel\n"
        "model = StaticModel()\n"
        "assert not [p for p in opened if p.endswith(('.npz', '.txt'))], opened\n"
        "model.load()\n"
        "assert [p for p in opened if p.endswith('static.npz')]\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)


def test_threads_share_one_model() -> None:
    """Loaded by whoever is first, the same numbers for all."""
    model, made = StaticModel(), []

    def embed() -> None:
        made.append(model.embed(["a test of threads", "graph neural networks"]))

    threads = [threading.Thread(target=embed) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert all(np.array_equal(made[0], other) for other in made)
