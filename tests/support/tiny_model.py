"""A model as a folder of the Hub has it, of a few hundred bytes: each piece has a fixed vector, written down as ONNX by hand."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
WORDS = tuple("abcdefghijklmnopqrstuvwxyz") + tuple(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz")
SAME = {"automobile": "car", "feline": "cat"}
"""Words that mean the same to the model."""
KNOWN = ("car", "cat", "tree", "quantum", "poem", ".", ",", ":", *SAME)
PIECES = (*SPECIAL, *KNOWN, *WORDS)
DIMS = 16
INPUTS = ("input_ids", "attention_mask", "token_type_ids")


def vectors(dims: int = DIMS, seed: int = 3, lift: float = 0.0) -> np.ndarray:
    """One row a piece. `lift` pushes all of them the same way, so that everything seems related."""
    table = np.random.default_rng(seed).normal(size=(len(PIECES), dims)).astype(np.float32)
    for word, other in SAME.items():
        table[PIECES.index(word)] = table[PIECES.index(other)]
    table[PIECES.index("[PAD]")] = 99  # to be noticed where it counts
    return table + np.float32(lift)


def write_model(
    folder: Path,
    table: np.ndarray | None = None,
    *,
    pieces: Sequence[str] = PIECES,
    graph: str = "model.onnx",
    inputs: Sequence[str] = INPUTS,
    pooled: bool = False,
    settings: Mapping[str, object] | None = None,
) -> Path:
    """Put one there; `settings` are JSON files by their names."""
    path = folder / graph
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model_file(vectors() if table is None else table, inputs, pooled=pooled))
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n", "utf-8")
    for name, content in (settings or {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(content))
    return folder


def model_file(table: np.ndarray, inputs: Sequence[str] = INPUTS, *, pooled: bool = False) -> bytes:
    """An ONNX file: last_hidden_state is each piece's row of the table, or sentence_embedding the mean of them."""
    output = "sentence_embedding" if pooled else "last_hidden_state"
    nodes = [_node("Gather", ("table", "input_ids"), "states" if pooled else output)]
    if pooled:
        axes = _text(1, "axes") + _packed(8, [1]) + _number(20, 7)
        nodes.append(_node("ReduceMean", ("states",), "mean", axes))
        shape = _text(1, "axes") + _packed(8, [1]) + _number(20, 7)
        nodes.append(_node("Squeeze", ("mean",), output, shape))
    weights = (
        b"".join(_number(1, size) for size in table.shape)
        + _number(2, 1)
        + _text(8, "table")
        + _part(9, table.astype("<f4").tobytes())
    )
    graph = (
        b"".join(_part(1, node) for node in nodes)
        + _text(2, "tiny")
        + _part(5, weights)
        + b"".join(_part(11, _value(name, 7, ("batch", "sequence"))) for name in inputs)
        + _part(
            12,
            _value(
                output,
                1,
                ("batch", table.shape[1]) if pooled else ("batch", "sequence", table.shape[1]),
            ),
        )
    )
    return _number(1, 7) + _part(8, _text(1, "") + _number(2, 11)) + _part(7, graph)


def _node(kind: str, given: Sequence[str], made: str, attribute: bytes = b"") -> bytes:
    names = b"".join(_text(1, name) for name in given) + _text(2, made) + _text(4, kind)
    return names + (_part(5, attribute) if attribute else b"")


def _value(name: str, kind: int, shape: Sequence[str | int]) -> bytes:
    sizes = b"".join(
        _part(1, _text(2, size) if isinstance(size, str) else _number(1, size)) for size in shape
    )
    return _text(1, name) + _part(2, _part(1, _number(1, kind) + _part(2, sizes)))


def _packed(field: int, numbers: Sequence[int]) -> bytes:
    return b"".join(_number(field, number) for number in numbers)


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _text(field: int, text: str) -> bytes:
    return _part(field, text.encode())


def _part(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])
