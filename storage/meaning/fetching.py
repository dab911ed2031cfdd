"""A model's folder: a local one, or one fetched from the Hugging Face Hub once and kept."""

import asyncio
import hashlib
import logging
import re
import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx

from bot.domain.errors import ConfigError, PaperbotError, Unavailable
from bot.domain.search import Model
from storage.meaning.sentences import GRAPHS, PIECES

log = logging.getLogger(__name__)

LARGEST = 600_000_000
"""Bytes of one file. A base model in 32 bits is 440 MB; whoever wants a larger one can name a folder."""

_ASIDE = (
    "config.json",
    "config_sentence_transformers.json",
    "sentence_bert_config.json",
    "tokenizer_config.json",
    "1_Pooling/config.json",
)
"""What says how a model wants its texts."""

_LEFT_BEHIND = 86_400.0
"""Seconds after which an unfinished download is nobody's."""

_REPOSITORY = re.compile(r"(?P<repo>[\w.-]+/[\w.-]+)@(?P<revision>[\w./-]+)", re.ASCII)


class File(NamedTuple):
    """A file on the Hub and its sum: SHA-256 of large ones, git's own of the others."""

    path: str
    size: int
    sum: str


class Repository(NamedTuple):
    """One state of a repository, and which of its files are wanted; none is not known yet."""

    repo: str
    revision: str
    files: Sequence[File] = ()


_VOCABULARY = File(
    PIECES, 231_508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
)
KNOWN = {
    "minilm": Repository(
        "Xenova/all-MiniLM-L6-v2",
        "751bff37182d3f1213fa05d7196b954e230abad9",
        (
            File(
                "onnx/model_quantized.onnx",
                22_972_370,
                "afdb6f1a0e45b715d0bb9b11772f032c399babd23bfc31fed1c170afc848bdb1",
            ),
            _VOCABULARY,
        ),
    ),
    "bge-small": Repository(
        "Xenova/bge-small-en-v1.5",
        "ea104dacec62c0de699686887e3f920caeb4f3e3",
        (
            File(
                "onnx/model_quantized.onnx",
                34_014_426,
                "6c9c6101a956d62dfb5e7190c538226c0c5bb9cb27b651234b6df063ee7dbfe4",
            ),
            _VOCABULARY,
        ),
    ),
}
"""Models by a short name: ONNX in eight bits, at a commit, with sums that nobody can change."""


def there(model: Model) -> Path | None:
    """Where a model is that need not be fetched; ConfigError for a name that cannot be one."""
    wanted = _wanted(model)
    if isinstance(wanted, Path):
        return wanted
    folder = _kept(model, wanted)
    return folder if folder.is_dir() else None


async def fetched(model: Model, transport: httpx.AsyncBaseTransport | None = None) -> Path:
    """The folder of a model, from the Hub if it is not there yet.

    Whole or not at all, also with several processes at it. Unavailable when the Hub cannot be reached or
    gives something else than it should.
    """
    if folder := there(model):
        return folder
    repository = _wanted(model)
    assert isinstance(repository, Repository)  # noqa: S101 -- a folder is always there
    folder = _kept(model, repository)
    try:
        async with _draft(model.cache) as draft, _hub(model, transport) as hub:
            log.info("model.fetching name=%s from=%s", model.name, model.hub)
            whole = repository if repository.files else await _listed(hub, repository)
            for file in whole.files:
                await _fetch(hub, whole, file, draft / file.path)
            _settle(draft, folder)
    except httpx.HTTPStatusError as e:
        raise _refusal(model, repository, e.response.status_code) from e
    except httpx.HTTPError as e:
        raise Unavailable(f"{model.hub} cannot be reached ({type(e).__name__}).") from e
    except OSError as e:
        raise ConfigError(f"{model.name} cannot be kept in {model.cache}: {e}.") from e
    return folder


def _settle(draft: Path, folder: Path) -> None:
    """From now on it is there; another process may have been quicker."""
    try:
        draft.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise


def _refusal(model: Model, repository: Repository, status: int) -> PaperbotError:
    what = f"{repository.repo}@{repository.revision}"
    if status == httpx.codes.NOT_FOUND:
        return ConfigError(f"{model.hub} has no {what}; look at `[search] model` again.")
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        return ConfigError(
            f"{model.hub} does not let us have {what}: there is none, or it takes the HF_TOKEN of "
            "somebody who may have it."
        )
    return Unavailable(f"{model.hub} answered {status}.")


def _wanted(model: Model) -> Repository | Path:
    if known := KNOWN.get(model.name):
        return known
    folder = Path(model.name).expanduser()
    if folder.is_dir():
        return folder
    if match := _REPOSITORY.fullmatch(model.name):
        return Repository(match["repo"], match["revision"])
    raise ConfigError(
        f"`[search] model` is {model.name!r}, which is no folder here. It takes a folder, "
        f"{', '.join(KNOWN)}, or owner/name@revision on the Hugging Face Hub."
    )


def _kept(model: Model, wanted: Repository) -> Path:
    name = f"{wanted.repo}@{wanted.revision}".replace("/", "--")
    return model.cache / re.sub(r"\.\.+", ".", name)


@asynccontextmanager
async def _draft(cache: Path) -> AsyncIterator[Path]:
    """A folder that nobody takes for a model; gone in the end if it is still there."""
    draft = await asyncio.to_thread(_begun, cache)
    try:
        yield draft
    finally:
        await asyncio.to_thread(shutil.rmtree, draft, ignore_errors=True)


def _begun(cache: Path) -> Path:
    cache.mkdir(parents=True, exist_ok=True)
    for old in cache.glob("fetching-*"):
        if time.time() - old.stat().st_mtime > _LEFT_BEHIND:
            shutil.rmtree(old, ignore_errors=True)
    return Path(mkdtemp(prefix="fetching-", dir=cache))


@asynccontextmanager
async def _hub(
    model: Model, transport: httpx.AsyncBaseTransport | None
) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Accept-Encoding": "identity", "User-Agent": "paperbot"}
    if model.token:  # httpx keeps it from the hosts that we are sent on to
        headers["Authorization"] = f"Bearer {model.token}"
    async with httpx.AsyncClient(
        base_url=model.hub,
        headers=headers,
        timeout=httpx.Timeout(30, connect=10),
        follow_redirects=True,
        max_redirects=5,
        transport=transport,
    ) as hub:
        yield hub


async def _listed(hub: httpx.AsyncClient, repository: Repository) -> Repository:
    """With the model, the best of several kinds, its vocabulary and what says how to read it, at one commit."""
    revision = quote(repository.revision, safe="")
    answer = await hub.get(f"/api/models/{repository.repo}/revision/{revision}?blobs=true")
    answer.raise_for_status()
    try:
        said = answer.json()
        commit = str(said["sha"])
        files = {file.path: file for file in map(_file, said["siblings"])}
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        raise Unavailable(f"The Hub's list of {repository.repo} cannot be read: {e!r}") from e
    graph = next((files[name] for name in GRAPHS if name in files), None)
    if graph is None or PIECES not in files:
        raise ConfigError(
            f"{repository.repo} has no ONNX model with a {PIECES}. `[search] model` takes models of the BERT "
            f"family in ONNX, such as {', '.join(KNOWN)}."
        )
    found = [graph, *(files[name] for name in (PIECES, *_ASIDE) if name in files)]
    return Repository(repository.repo, commit, found)


def _file(said: dict[str, Any]) -> File:
    large = said.get("lfs") or {}
    return File(
        str(said["rfilename"]), int(said["size"]), str(large.get("sha256") or said["blobId"])
    )


async def _fetch(hub: httpx.AsyncClient, repository: Repository, file: File, target: Path) -> None:
    if not 0 < file.size <= LARGEST:
        raise ConfigError(
            f"{file.path} of {repository.repo} has {file.size:,} bytes, more than is fetched. "
            "Download it yourself and name the folder in `[search] model`."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    revision = quote(repository.revision, safe="")
    got = 0
    async with hub.stream("GET", f"/{repository.repo}/resolve/{revision}/{file.path}") as answer:
        answer.raise_for_status()
        with target.open("wb") as out:
            async for part in answer.aiter_bytes():
                if (got := got + len(part)) > file.size:
                    break
                out.write(part)
    if got != file.size or not await asyncio.to_thread(_is, target, file):
        raise Unavailable(
            f"{file.path} of {repository.repo} did not arrive as it should be; it was thrown away."
        )


_SHA256 = 64
"""Hexadecimal digits; git's have 40."""


def _is(path: Path, file: File) -> bool:
    """Whether what arrived has the sum that it should have."""
    sum = hashlib.sha256() if len(file.sum) == _SHA256 else hashlib.sha1(usedforsecurity=False)
    if len(file.sum) != _SHA256:
        sum.update(f"blob {file.size}\0".encode())  # as git does
    with path.open("rb") as content:
        while block := content.read(1 << 20):
            sum.update(block)
    return sum.hexdigest() == file.sum
