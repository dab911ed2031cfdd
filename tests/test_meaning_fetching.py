"""Where a model comes from: a folder, or the Hub once, whole, and as it should be."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import ConfigError, PaperbotError, Unavailable
from bot.domain.search import Model
from storage.meaning import fetching
from storage.meaning.fetching import KNOWN, fetched, there
from tests.support.model_hub import COMMIT, ModelHub
from tests.support.tiny_model import write_model

REPO = "some-one/tiny.model"
NAME = f"{REPO}@v1"


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[ModelHub]:
    async with ModelHub() as hub:
        said = {"1_Pooling/config.json": {"pooling_mode": "cls"}, "README.json": {}}
        hub.take(REPO, write_model(tmp_path / "offered", graph="onnx/model.onnx", settings=said))
        yield hub


@pytest.fixture
def model(tmp_path: Path, hub: ModelHub) -> Model:
    return Model(name=NAME, cache=tmp_path / "cache", hub=hub.url)


def left(model: Model) -> list[str]:
    return sorted(path.name for path in model.cache.iterdir()) if model.cache.exists() else []


async def test_a_model_is_fetched_once_and_kept(hub: ModelHub, model: Model) -> None:
    """What is needed of it, at the commit that its revision is; then nobody is asked any more."""
    assert there(model) is None
    folder = await fetched(model)
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    assert files == ["1_Pooling/config.json", "onnx/model.onnx", "vocab.txt"]
    assert all((folder / name).read_bytes() == hub.files[REPO][name] for name in files)
    assert f"/{REPO}/resolve/{COMMIT}/vocab.txt" in hub.asked
    asked = len(hub.asked)
    assert await fetched(model) == there(model) == folder
    assert len(hub.asked) == asked
    assert left(model) == [folder.name]


async def test_without_a_network_the_kept_one_serves(model: Model) -> None:
    """The Hub may be gone for ever."""
    folder = await fetched(model)
    assert await fetched(replace(model, hub="http://127.0.0.1:9")) == folder


async def test_eight_bits_are_preferred(hub: ModelHub, model: Model) -> None:
    """Of several graphs one is fetched."""
    hub.files[REPO]["onnx/model_quantized.onnx"] = b"8 bits"
    folder = await fetched(model)
    assert [path.name for path in folder.rglob("*.onnx")] == ["model_quantized.onnx"]


async def test_a_folder_is_taken_as_it_is(tmp_path: Path, hub: ModelHub, model: Model) -> None:
    """And nobody is asked about it."""
    folder = write_model(tmp_path / "mine")
    assert await fetched(replace(model, name=str(folder))) == folder
    assert not hub.asked


@pytest.mark.parametrize(
    "name",
    ["nonsense", "/no/such/folder", "owner/name", "owner/name@", "a b/c@d", "@"],
)
async def test_a_name_that_can_be_none_is_told_with_the_fix(model: Model, name: str) -> None:
    """What can be written there instead."""
    with pytest.raises(ConfigError, match="minilm") as caught:
        there(replace(model, name=name))
    assert "owner/name@revision" in str(caught.value)


async def test_no_name_leads_out_of_the_cache(model: Model) -> None:
    """Whatever stands there."""
    with pytest.raises(ConfigError, match="has no"):
        await fetched(replace(model, name="../..@x/.."))
    assert left(model) == []


@pytest.mark.parametrize("name", KNOWN)
async def test_short_names_stand_for_sums(hub: ModelHub, model: Model, name: str) -> None:
    """A commit and the sums of its files: other files under these names are not taken, whoever serves them."""
    known = KNOWN[name]
    hub.files[known.repo] = {file.path: b"x" * 100 for file in known.files}
    with pytest.raises(Unavailable, match="did not arrive as it should"):
        await fetched(replace(model, name=name))
    assert hub.asked[0] == f"/{known.repo}/resolve/{known.revision}/{known.files[0].path}"
    assert len(known.revision) == 40
    assert all(len(file.sum) == 64 for file in known.files)
    assert left(model) == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[:-1],
        lambda content: content + b"x",
        lambda content: bytes([content[0] ^ 1]) + content[1:],
        lambda content: b"",
    ],
    ids=["short", "long", "changed", "empty"],
)
async def test_what_is_spoilt_on_the_way_is_thrown_away(
    hub: ModelHub, model: Model, spoil: Callable[[bytes], bytes]
) -> None:
    """Nothing half is left, and the next try fetches it."""
    hub.spoil = spoil
    with pytest.raises(Unavailable, match=r"onnx/model\.onnx"):
        await fetched(model)
    assert left(model) == []
    hub.spoil = lambda content: content
    assert (await fetched(model)).is_dir()


async def test_a_small_file_has_a_sum_too(hub: ModelHub, model: Model) -> None:
    """That of git."""

    def lie(answer: dict[str, Any]) -> dict[str, Any]:
        for one in answer["siblings"]:
            one["blobId"] = "0" * 40
        return answer

    hub.said = lie
    with pytest.raises(Unavailable, match=r"vocab\.txt"):
        await fetched(model)


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (404, ConfigError, "has no some-one/tiny.model@v1"),
        (401, ConfigError, "HF_TOKEN"),
        (403, ConfigError, "HF_TOKEN"),
        (500, Unavailable, "answered 500"),
    ],
)
async def test_a_refusal_is_told(
    hub: ModelHub, model: Model, status: int, kind: type[PaperbotError], said: str
) -> None:
    """With what can be done about it."""
    hub.status = status
    with pytest.raises(kind, match=said):
        await fetched(model)
    assert left(model) == []


async def test_a_hub_that_cannot_be_reached(model: Model) -> None:
    """Is nobody's fault."""
    with pytest.raises(Unavailable, match="cannot be reached"):
        await fetched(replace(model, hub="http://127.0.0.1:9"))


@pytest.mark.parametrize(
    "answer",
    [[], {}, {"sha": 1}, {"sha": "a", "siblings": [{}]}, {"sha": "a", "siblings": 5}, "x"],
    ids=str,
)
async def test_a_list_that_makes_no_sense(hub: ModelHub, model: Model, answer: object) -> None:
    """Whatever a server says, it is an error of ours."""
    hub.said = lambda _: answer
    with pytest.raises(Unavailable, match="cannot be read"):
        await fetched(model)


@pytest.mark.parametrize("lacking", ["onnx/model.onnx", "vocab.txt"])
async def test_a_repository_without_such_a_model(hub: ModelHub, model: Model, lacking: str) -> None:
    """Most have none in ONNX, and some no pieces of words."""
    del hub.files[REPO][lacking]
    with pytest.raises(ConfigError, match="has no ONNX model"):
        await fetched(model)


async def test_too_much_is_not_fetched(hub: ModelHub, model: Model) -> None:
    """A file of gigabytes is refused before it is asked for; one that lies about its size, while it comes."""

    def grow(answer: dict[str, Any]) -> dict[str, Any]:
        for one in answer["siblings"]:
            one["size"] = fetching.LARGEST + 1
        return answer

    hub.said = grow
    with pytest.raises(ConfigError, match="more than is fetched"):
        await fetched(model)
    assert not [path for path in hub.asked if "resolve" in path]


async def test_the_token_goes_to_the_hub_alone(hub: ModelHub, model: Model) -> None:
    """Large files lie elsewhere, and need none."""
    await fetched(replace(model, token="secret"))
    said = {path: bool(token) for path, token in hub.tokens.items()}
    assert said.pop(next(path for path in said if path.startswith("/cdn/"))) is False
    assert all(said.values())


async def test_several_at_once_end_with_one_model(hub: ModelHub, model: Model) -> None:
    """Two processes that start together."""
    hub.gate = asyncio.Event()
    waiting = [asyncio.create_task(fetched(model)) for _ in range(3)]
    while sum(path.startswith("/cdn/") for path in hub.asked) < 3:  # noqa: ASYNC110 -- it calls nobody
        await asyncio.sleep(0.01)
    hub.gate.set()
    folders = set(await asyncio.gather(*waiting))
    assert left(model) == [folder.name for folder in folders]


async def test_what_is_broken_off_leaves_nothing(hub: ModelHub, model: Model) -> None:
    """The bot is stopped in the midst of it; what a power cut left is cleared away a day later."""
    old = model.cache / "fetching-old"
    old.mkdir(parents=True)
    os.utime(old, (0, 0))
    hub.gate = asyncio.Event()
    task = asyncio.create_task(fetched(model))
    while not any(path.startswith("/cdn/") for path in hub.asked):  # noqa: ASYNC110 -- as above
        await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    hub.gate.set()
    assert left(model) == []


async def test_a_place_that_cannot_be_written(tmp_path: Path, model: Model) -> None:
    """Is told with its name."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be kept in"):
        await fetched(replace(model, cache=tmp_path / "file" / "cache"))
