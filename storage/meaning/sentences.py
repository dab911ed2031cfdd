"""A sentence transformer of the BERT family, from a folder, run by onnxruntime: one vector a text, of length one."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.domain.errors import ConfigError, Unavailable
from storage.meaning.manner import Manner, manner_of
from storage.meaning.wordpieces import Wordpieces

if TYPE_CHECKING:
    import onnxruntime

Vectors = NDArray[np.float32]
Ints = NDArray[np.int64]

VERSION = 1
"""To be raised when a text is read in another way: what the same model said before cannot be compared then."""

GRAPHS = (
    "model.onnx",
    "onnx/model_quantized.onnx",
    "onnx/model_quint8_avx2.onnx",
    "onnx/model.onnx",
    "model_quantized.onnx",
    "model_optimized.onnx",
)
"""What the model itself is called, in the order of preference: where there are both, eight bits are twice as quick."""

PIECES = "vocab.txt"

_AT_ONCE = 512
"""Pieces in one run, padding included: two abstracts. More are no quicker, and the memory they take is kept."""

_REMEMBERED = 256
"""Questions whose vectors are kept: whoever turns a page asks again."""


class _Parts(NamedTuple):
    session: "onnxruntime.InferenceSession"
    output: str
    inputs: frozenset[str]
    tokens: Wordpieces
    begin: int
    end: int
    pad: int


class SentenceModel:
    """An `Embedder`, loaded when it is made. May be used from several threads, and works on the one that asks."""

    def __init__(self, folder: Path, breathe: Callable[[], None] = lambda: None) -> None:
        """ConfigError with the fix, if the folder has no model that can be read.

        `breathe` is called between papers, and may wait there, or raise.
        """
        graph = _graph(folder)
        try:
            self._manner = manner_of(folder)
            pieces = (folder / PIECES).read_text("utf-8").splitlines()
            self.name = f"sentences-{VERSION}-{_digest(graph, pieces, self._manner)}"
        except (OSError, ValueError) as e:
            raise ConfigError(
                f"The model in {folder} cannot be read: {e}. A model of the BERT family has a {PIECES} beside it."
            ) from e
        self._parts = _read(graph, pieces)
        self._breathe = breathe
        self._asked = lru_cache(maxsize=_REMEMBERED)(self._ask)
        self.dims = self._tried(graph)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One row a text, as papers are read; all zeros for a text that says nothing."""
        return self._embed([self._manner.passage + text if text else "" for text in texts])

    def ask(self, question: str) -> Vectors:
        """The vector of a question; some models want to be told that it is one."""
        return self._asked(question)

    def _ask(self, question: str) -> Vectors:
        asked: Vectors = self._embed([self._manner.question + question if question else ""])[0]
        return asked

    def _embed(self, texts: Sequence[str]) -> Vectors:
        read = [self._parts.tokens.ids(text)[: max(self._manner.length - 2, 1)] for text in texts]
        made = np.zeros((len(texts), self.dims), np.float32)
        for number, places in enumerate(_alike([len(ids) for ids in read])):
            if number:
                self._breathe()
            made[places] = self._run([read[place] for place in places])
        lengths = np.linalg.norm(made, axis=1, keepdims=True)
        made /= np.where(lengths > 0, lengths, 1)
        return made

    def _run(self, batch: Sequence[Sequence[int]]) -> Vectors:
        """Texts of about the same length, none of them empty."""
        parts, longest = self._parts, max(map(len, batch)) + 2
        ids: Ints = np.full((len(batch), longest), parts.pad, np.int64)
        mask: Ints = np.zeros_like(ids)
        for row, known, some in zip(ids, mask, batch, strict=True):
            row[: len(some) + 2] = [parts.begin, *some, parts.end]
            known[: len(some) + 2] = 1
        given = {
            "input_ids": ids,
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(ids),
        }
        feeds = {name: value for name, value in given.items() if name in parts.inputs}
        try:
            (states,) = parts.session.run([parts.output], feeds)
        except Exception as e:  # onnxruntime raises classes of its own, of several kinds
            raise Unavailable(f"The model stumbled over a text: {e}") from e
        return _pooled(np.asarray(states, np.float32), mask, first=self._manner.first)

    def _tried(self, graph: Path) -> int:
        """How long its vectors are, as one text shows."""
        try:
            made = self._run([[self._parts.end]])
        except Unavailable as e:
            raise ConfigError(f"{graph} reads no text as models of the BERT family do: {e}") from e
        if made.ndim != 2 or not np.isfinite(made).all():  # noqa: PLR2004 -- texts and numbers
            raise ConfigError(f"{graph} makes no vectors of texts: its output is {made.shape}.")
        return int(made.shape[1])


def runtime() -> Any:
    """The vendor's library; ConfigError where it is not installed."""
    try:
        import onnxruntime
    except ImportError as e:
        raise ConfigError(
            "`[search] model` needs onnxruntime, which is not installed: pip install 'paperbot[meaning]'."
        ) from e
    return onnxruntime


def _graph(folder: Path) -> Path:
    for name in GRAPHS:
        if (folder / name).is_file():
            return folder / name
    raise ConfigError(
        f"There is no model in {folder}. `[search] model` takes a folder with {GRAPHS[0]} (or onnx/model.onnx) "
        f"and {PIECES}, or minilm, bge-small, or owner/name@revision on the Hugging Face Hub."
    )


def _read(graph: Path, pieces: Sequence[str]) -> _Parts:
    library = runtime()
    options = library.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = library.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        begin, end = pieces.index("[CLS]"), pieces.index("[SEP]")
    except ValueError as e:
        raise ConfigError(
            f"{graph.parent} is no model of the BERT family: {e} of its {PIECES}."
        ) from e
    except Exception as e:  # as above
        raise ConfigError(f"{graph} cannot be loaded: {e}") from e
    outputs = [output.name for output in session.get_outputs()]
    return _Parts(
        session,
        next((name for name in _OUTPUTS if name in outputs), outputs[0]),
        frozenset(given.name for given in session.get_inputs()),
        Wordpieces(pieces),
        begin,
        end,
        pieces.index("[PAD]") if "[PAD]" in pieces else 0,
    )


_OUTPUTS = ("last_hidden_state", "token_embeddings", "sentence_embedding")


def _alike(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Places of texts of about the same length, so that little is padded; empty texts are left out."""
    some: list[int] = []
    for place in sorted(range(len(lengths)), key=lengths.__getitem__):
        if not lengths[place]:
            continue
        if some and (len(some) + 1) * (lengths[place] + 2) > _AT_ONCE:
            yield some
            some = []
        some.append(place)
    if some:
        yield some


def _pooled(states: Vectors, mask: Ints, *, first: bool) -> Vectors:
    """A text's vector: its first piece's, or the mean of all; as it is if the model has done that itself."""
    if states.ndim != 3:  # noqa: PLR2004 -- texts, pieces, numbers
        return states
    if first:
        return states[:, 0]
    weights = mask[..., None].astype(np.float32)
    mean: Vectors = (states * weights).sum(1) / weights.sum(1)
    return mean


def _digest(graph: Path, pieces: Sequence[str], manner: Manner) -> str:
    """Another one for everything that makes other vectors of papers."""
    digest = hashlib.blake2b(digest_size=8)
    with graph.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    said: Mapping[str, Any] = manner._asdict() | {"question": ""}
    digest.update(repr((pieces, sorted(said.items()))).encode())
    return digest.hexdigest()
