"""A sentence transformer from a folder: what its vectors are made of, and what is said when there is none."""

import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.errors import ConfigError, Unavailable
from storage.meaning.sentences import SentenceModel
from storage.meaning.unrelated import unrelated
from tests.support.tiny_model import DIMS, PIECES, model_file, vectors, write_model

TABLE = vectors()
ASKED = "Represent this sentence for searching relevant passages: "


def row(piece: str) -> np.ndarray:
    return TABLE[PIECES.index(piece)]


def unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def mean(*pieces: str) -> np.ndarray:
    return unit(np.mean([row(piece) for piece in pieces], axis=0))


@pytest.fixture
def model(tmp_path: Path) -> SentenceModel:
    return SentenceModel(write_model(tmp_path / "tiny"))


def test_a_text_is_the_mean_of_its_pieces(model: SentenceModel) -> None:
    """Those around it included; of length one."""
    (made,) = model.embed(["Car tree."])
    assert model.dims == DIMS
    assert np.allclose(made, mean("[CLS]", "car", "tree", ".", "[SEP]"), atol=1e-5)


def test_a_text_means_the_same_in_any_company(model: SentenceModel) -> None:
    """Long and short ones in one batch: what fills up the short ones does not count."""
    texts = ["cat", "", "car " * 150, "quantum poem", "tree " * 400, "cat " * 9, *["poem"] * 300]
    together = model.embed(texts)
    alone = np.concatenate([model.embed([text]) for text in texts])
    assert np.allclose(together, alone, atol=1e-5)
    assert not together[1].any()
    assert model.embed([]).shape == (0, DIMS)


def test_only_so_much_of_a_text_is_read(tmp_path: Path, model: SentenceModel) -> None:
    """256 pieces, those around it included, or as few as the model says."""
    text = "cat " * 254
    assert np.allclose(model.embed([text]), model.embed([text + "tree"]), atol=1e-6)
    assert not np.allclose(model.embed([text]), model.embed([text[4:] + "tree"]), atol=1e-6)
    said = {"sentence_bert_config.json": {"max_seq_length": 4}}
    short = SentenceModel(write_model(tmp_path / "short", settings=said))
    assert np.allclose(
        short.embed(["cat car tree"]), mean("[CLS]", "cat", "car", "[SEP]"), atol=1e-5
    )


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("bge-tiny", {}),
        ("models--BAAI--bge-tiny/snapshots/5c38ec7c", {}),
        ("tiny", {"config.json": {"_name_or_path": "BAAI/bge-tiny"}}),
        ("tiny", {"1_Pooling/config.json": {"pooling_mode_cls_token": True}}),
        ("tiny", {"1_Pooling/config.json": {"pooling_mode": "cls"}}),
    ],
)
def test_some_models_say_it_all_in_the_first_piece(
    tmp_path: Path, folder: str, said: Mapping[str, object]
) -> None:
    """As their folder says, or else their name."""
    model = SentenceModel(write_model(tmp_path / folder, settings=said))
    assert np.allclose(model.embed(["car tree"]), unit(row("[CLS]")), atol=1e-5)


def test_the_folder_says_more_than_the_name(tmp_path: Path) -> None:
    """A model called after one that takes the first piece, and takes the mean."""
    said = {"1_Pooling/config.json": {"pooling_mode_mean_tokens": True}}
    model = SentenceModel(write_model(tmp_path / "bge-tiny", settings=said))
    assert np.allclose(model.embed(["car"]), mean("[CLS]", "car", "[SEP]"), atol=1e-5)


def test_a_question_may_begin_in_another_way_than_a_paper(
    tmp_path: Path, model: SentenceModel
) -> None:
    """bge and e5 want that; what a folder says of it comes first. Nothing asked is nothing."""
    said = {"1_Pooling/config.json": {"pooling_mode_mean_tokens": True}}
    bge = SentenceModel(write_model(tmp_path / "bge-tiny", settings=said))
    assert np.allclose(bge.ask("car"), bge.embed([ASKED + "car"])[0], atol=1e-5)
    e5 = SentenceModel(write_model(tmp_path / "e5-tiny"))
    assert np.allclose(e5.embed(["car"])[0], model.embed(["passage: car"])[0], atol=1e-5)
    assert np.allclose(e5.ask("car"), model.embed(["query: car"])[0], atol=1e-5)
    prompts = {"prompts": {"query": "poem: ", "document": "tree: "}}
    own = SentenceModel(
        write_model(tmp_path / "own", settings={"config_sentence_transformers.json": prompts})
    )
    assert np.allclose(own.ask("car"), model.embed(["poem: car"])[0], atol=1e-5)
    assert np.allclose(own.embed(["car"]), model.embed(["tree: car"]), atol=1e-5)
    assert np.allclose(model.ask("car"), model.embed(["car"])[0], atol=1e-5)
    assert not bge.ask("").any()
    assert not e5.embed([""]).any()


def test_a_graph_may_want_less_and_do_more(tmp_path: Path) -> None:
    """No input but the pieces, and the mean taken by itself."""
    folder = write_model(tmp_path / "m", graph="onnx/model.onnx", inputs=["input_ids"], pooled=True)
    model = SentenceModel(folder)
    assert np.allclose(model.embed(["cat"]), mean("[CLS]", "cat", "[SEP]"), atol=1e-5)


def test_the_name_stands_for_what_makes_the_vectors(tmp_path: Path) -> None:
    """Another graph, vocabulary or reading is another model; another place or question is not."""
    pieces = (*PIECES[:-1], "zebra")
    names = [
        SentenceModel(write_model(tmp_path / "a")).name,
        SentenceModel(write_model(tmp_path / "b", vectors(seed=4))).name,
        SentenceModel(write_model(tmp_path / "c", pieces=pieces)).name,
        SentenceModel(
            write_model(tmp_path / "d", settings={"1_Pooling/config.json": {"pooling_mode": "cls"}})
        ).name,
        SentenceModel(
            write_model(
                tmp_path / "e", settings={"sentence_bert_config.json": {"max_seq_length": 9}}
            )
        ).name,
    ]
    assert len(set(names)) == len(names)
    prompts = {"config_sentence_transformers.json": {"prompts": {"query": "so: "}}}
    assert SentenceModel(write_model(tmp_path / "f", settings=prompts)).name == names[0]


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("model.onnx", None, "There is no model in"),
        ("vocab.txt", None, "vocab.txt"),
        ("vocab.txt", b"a\nb\n", "BERT"),
        ("vocab.txt", b"\xff\xfe", "cannot be read"),
        ("model.onnx", b"no model", "cannot be loaded"),
        ("model.onnx", model_file(TABLE[:2]), "reads no text"),
        ("model.onnx", model_file(TABLE * np.float32(np.nan)), "makes no vectors"),
        ("config.json", b"[", "cannot be read"),
        ("config.json", b"[]", "config.json is not"),
        ("tokenizer_config.json", b'{"do_lower_case": false}', "uncased"),
    ],
)
def test_a_folder_without_a_model_is_told_with_the_fix(
    tmp_path: Path, file: str, content: bytes | None, said: str
) -> None:
    """Whatever is wrong with it, the operator reads which folder, and what should be there."""
    folder = write_model(tmp_path / "tiny")
    (folder / file).unlink(missing_ok=True)
    if content is not None:
        (folder / file).write_bytes(content)
    with pytest.raises(ConfigError, match=said) as caught:
        SentenceModel(folder)
    assert str(folder) in str(caught.value)


def test_a_text_that_breaks_the_model_is_an_error_of_ours(tmp_path: Path) -> None:
    """A vocabulary longer than the table: only some texts show it."""
    model = SentenceModel(write_model(tmp_path / "m", TABLE[:8]))
    with pytest.raises(Unavailable, match="stumbled"):
        model.embed(["zzz"])


def test_long_work_lets_others_breathe(tmp_path: Path) -> None:
    """Between papers, so that it can rest there or be broken off."""
    breaths: list[None] = []
    model = SentenceModel(write_model(tmp_path / "m"), lambda: breaths.append(None))
    model.ask("cat")
    model.embed(["cat"])
    assert not breaths
    model.embed(["cat " * 200] * 10)
    assert len(breaths) >= 4


def test_unrelated_is_a_matter_of_the_model(tmp_path: Path) -> None:
    """Nearly 0 for one that tells things apart, more for one that finds everything alike."""
    apart = SentenceModel(write_model(tmp_path / "apart"))
    alike = SentenceModel(write_model(tmp_path / "alike", vectors(lift=3)))
    assert 0 <= unrelated(apart.ask, apart.embed) < unrelated(alike.ask, alike.embed) <= 1


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> SentenceModel:
    return SentenceModel(write_model(tmp_path_factory.mktemp("models") / "tiny"))


@given(st.lists(st.text(), max_size=4))
@example(["", "\ud800", "\0" * 50, "你好", "a" * 300])
@settings(max_examples=60, deadline=None)
def test_any_text_has_a_sound_vector(shared: SentenceModel, texts: list[str]) -> None:
    """Finite numbers; of length one, or all zero where there is nothing to read."""
    for made in (shared.embed(texts), *(shared.ask(text)[None] for text in texts)):
        assert np.isfinite(made).all()
        lengths = np.linalg.norm(made, axis=1)
        assert np.all((lengths == 0) | (np.abs(lengths - 1) < 1e-4))


def test_threads_share_one_model(shared: SentenceModel) -> None:
    """The same numbers for all."""
    made: list[np.ndarray] = []
    texts = ["cat " * n for n in range(1, 60)]
    threads = [threading.Thread(target=lambda: made.append(shared.embed(texts))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6
    assert all(np.array_equal(made[0], other) for other in made)


def test_without_the_extra_it_says_which(tmp_path: Path) -> None:
    """Importing needs nothing; loading says what to install."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from bot.domain.errors import ConfigError\n"
        "from storage.meaning.sentences import SentenceModel\n"
        "assert 'onnxruntime' not in sys.modules\n"
        "sys.modules['onnxruntime'] = None\n"
        "try:\n"
        f"    SentenceModel(Path({str(write_model(tmp_path / 'm'))!r}))\n"
        "except ConfigError as e:\n"
        "    print(e)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert "pip install 'paperbot[meaning]'" in done.stdout
