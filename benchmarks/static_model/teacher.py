"""The teacher: all-MiniLM-L6-v2 as an ONNX file, read by onnxruntime on one thread."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from storage.meaning.wordpieces import Wordpieces

LENGTH = 256
"""Pieces the teacher was trained to read at most, the two around a text included."""

SHARES = {"titles": 48_000, "sentences": 48_000, "phrases": 58_000, "abstracts": 4_000}
"""How many texts of each kind are read: about 20 minutes of one idle core."""

_BATCH, _PART = 16, 2_000


class Teacher:
    """Sentence vectors: the mean over the pieces, of length one."""

    def __init__(self, path: Path, pieces: Sequence[str]) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        self._tokens = Wordpieces(pieces)
        self._begin, self._end = pieces.index("[CLS]"), pieces.index("[SEP]")

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """One row a text, in half precision."""
        ids = [self._tokens.ids(text)[: LENGTH - 2] for text in texts]
        order = sorted(range(len(ids)), key=lambda n: len(ids[n]))
        found = np.zeros((len(ids), 384), np.float16)
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            found[batch] = self._read([[self._begin, *ids[n], self._end] for n in batch])
        return found

    def _read(self, batch: Sequence[Sequence[int]]) -> np.ndarray:
        longest = max(map(len, batch))
        ids = np.array([[*row, *[0] * (longest - len(row))] for row in batch], np.int64)
        mask = np.array([[1] * len(row) + [0] * (longest - len(row)) for row in batch], np.int64)
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        states = self._session.run(["last_hidden_state"], inputs)[0]
        mean = (states * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def teach(
    teacher: Teacher, lessons: Mapping[str, Sequence[str]], folder: Path
) -> dict[str, np.ndarray]:
    """Every text of every kind read. What a run before wrote down in `folder` is not read again."""
    folder.mkdir(parents=True, exist_ok=True)
    read = {}
    for kind, texts in lessons.items():
        parts = []
        for start in range(0, len(texts), _PART):
            path = folder / f"{kind}-{start // _PART:03}.npy"
            if not path.exists():
                begun = time.perf_counter()
                np.save(path, teacher.vectors(texts[start : start + _PART]))
                rate = len(np.load(path, mmap_mode="r")) / (time.perf_counter() - begun)
                print(f"{path.name}: {rate:.0f} texts/s", flush=True)
            parts.append(np.load(path))
        read[kind] = np.concatenate(parts)
    return read
