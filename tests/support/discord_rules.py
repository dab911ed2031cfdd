"""What Discord refuses: its OpenAPI description of version 10 for messages, ported, and the rules that lacks.

`problems` is applied to every payload that a stand-in receives, so no test can send what Discord would refuse.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]

LAYOUT = 1 << 15
"""The flag of a message that consists of components only."""
_ROW, _BUTTON, _SELECT, _SECTION, _TEXT, _THUMBNAIL = 1, 2, 3, 9, 10, 11
_GALLERY, _FILE, _SEPARATOR, _CONTAINER = 12, 13, 14, 17
_SELECTS = {3, 5, 6, 7, 8}
_TOP_LAYOUT = {_ROW, _SECTION, _TEXT, _GALLERY, _FILE, _SEPARATOR, _CONTAINER}
_IN_CONTAINER = _TOP_LAYOUT - {_CONTAINER}
_LINK = 5


def length(text: str) -> int:
    """Counted as unkindly as anybody might, in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def problems(payload: Json, *, files: int = 0) -> list[str]:
    """Why Discord would refuse this message; empty when it would not."""
    return list(_message(payload, files))


def thread_problems(payload: Json, *, files: int = 0) -> list[str]:
    """The same for a new post in a forum."""
    found = list(_sized(payload, "name", 1, 100))
    if not str(payload.get("name", "")).strip():
        found.append("name is blank")
    if len(payload.get("applied_tags") or ()) > 5:
        found.append("more than 5 tags")
    return [*found, *problems(payload.get("message") or {}, files=files)]


def _message(payload: Json, files: int) -> Iterator[str]:
    content, embeds = payload.get("content") or "", payload.get("embeds") or []
    components = payload.get("components") or []
    layout = bool((payload.get("flags") or 0) & LAYOUT)
    if length(content.strip()) > 2_000:
        yield "content longer than 2000"
    if isinstance(nonce := payload.get("nonce"), str) and len(nonce) > 25:
        yield "nonce longer than 25"
    yield from _mentions(payload.get("allowed_mentions"))
    if layout and (content or embeds):
        yield "a layout has neither content nor embeds"
    if not (content.strip() or embeds or components or files):
        yield "empty message"
    if "attachments" in payload and len(payload["attachments"] or ()) < files:
        yield "files without attachments"
    yield from _embeds(embeds)
    yield from _components(components, layout=layout)


def _mentions(allowed: Json | None) -> Iterator[str]:
    if allowed is None:
        yield "allowed_mentions is not set: everybody can be pinged"
    elif allowed.get("parse"):
        yield f"allowed_mentions parses {allowed['parse']}"


def _embeds(embeds: Sequence[Json]) -> Iterator[str]:
    if len(embeds) > 10:
        yield "more than 10 embeds"
    total = 0
    for embed in embeds:
        yield from _sized(embed, "title", 0, 256)
        yield from _sized(embed, "description", 0, 4_096)
        yield from _sized(embed, "url", 0, 2_048)
        footer, author = embed.get("footer") or {}, embed.get("author") or {}
        yield from _sized(footer, "text", 0, 2_048)
        yield from _sized(author, "name", 0, 256)
        fields = embed.get("fields") or []
        if len(fields) > 25:
            yield "more than 25 fields"
        for field in fields:
            yield from _sized(field, "name", 1, 256)
            yield from _sized(field, "value", 1, 1_024)
        texts = (embed.get("title"), embed.get("description"), footer.get("text"))
        named = [field[part] for field in fields for part in ("name", "value")]
        total += sum(length((text or "").strip()) for text in (*texts, author.get("name"), *named))
        if not any((*texts, fields, embed.get("image"), embed.get("thumbnail"))):
            yield "empty embed"
    if total > 6_000:
        yield f"embeds of {total} characters in all"
    urls = Counter(embed["url"] for embed in embeds if embed.get("url"))
    yield from (f"two embeds with the url {url}" for url, times in urls.items() if times > 1)


def _components(components: Sequence[Json], *, layout: bool) -> Iterator[str]:
    everything = list(_walk(components))
    if layout and len(everything) > 40:
        yield f"{len(everything)} components"
    if not layout and len(components) > 5:
        yield "more than 5 rows"
    text = sum(length(c.get("content", "").strip()) for c in everything if c["type"] == _TEXT)
    if text > 4_000:
        yield f"{text} characters in text displays"
    ids = Counter(c["custom_id"] for c in everything if c.get("custom_id"))
    yield from (f"two controls with the id {id}" for id, times in ids.items() if times > 1)
    for component in components:
        if component["type"] not in (_TOP_LAYOUT if layout else {_ROW}):
            yield f"type {component['type']} at the top"
    for component in everything:
        yield from _component(component)


def _walk(components: Sequence[Json]) -> Iterator[Json]:
    for component in components:
        yield component
        yield from _walk(component.get("components") or ())
        if accessory := component.get("accessory"):
            yield accessory


def _component(component: Json) -> Iterator[str]:
    inside = component.get("components") or []
    kinds = [child["type"] for child in inside]
    match component["type"]:
        case 1:
            yield from _row(kinds)
        case 2:
            yield from _button(component)
        case 3:
            yield from _select(component)
        case 9:
            yield from _section(component, kinds)
        case 10:
            if not component.get("content", "").strip():
                yield "empty text display"
        case 11:
            yield from _address((component.get("media") or {}).get("url", ""), 2_048)
            yield from _sized(component, "description", 1, 1_024)
        case 17 if not kinds or not set(kinds) <= _IN_CONTAINER:
            yield f"a container of {kinds}"


def _section(section: Json, kinds: list[int]) -> Iterator[str]:
    if not 1 <= len(kinds) <= 3 or set(kinds) != {_TEXT}:
        yield "a section has 1 to 3 texts"
    if (section.get("accessory") or {}).get("type") not in (_BUTTON, _THUMBNAIL):
        yield "a section has a button or a thumbnail beside it"


def _row(kinds: list[int]) -> Iterator[str]:
    buttons = set(kinds) == {_BUTTON} and len(kinds) <= 5
    if not buttons and not (len(kinds) == 1 and kinds[0] in _SELECTS):
        yield f"a row of {kinds}"


def _button(button: Json) -> Iterator[str]:
    yield from _sized(button, "label", 0, 80)
    if not button.get("label") and not button.get("emoji"):
        yield "a button without label and emoji"
    if button["style"] == _LINK:
        yield from _address(button.get("url") or "", 512)
        if button.get("custom_id"):
            yield "a link with an id"
    else:
        yield from _sized(button, "custom_id", 1, 100, required=True)


def _select(select: Json) -> Iterator[str]:
    yield from _sized(select, "custom_id", 1, 100, required=True)
    yield from _sized(select, "placeholder", 0, 150)
    options = select.get("options") or []
    if not 1 <= len(options) <= 25:
        yield f"{len(options)} options"
    most, least = select.get("max_values") or 1, select.get("min_values") or 0
    if not least <= most <= len(options):
        yield f"{least} to {most} of {len(options)} options"
    values = Counter(option["value"] for option in options)
    yield from (f"two options {value}" for value, times in values.items() if times > 1)
    for option in options:
        for name in ("label", "value"):
            yield from _sized(option, name, 1, 100, required=True)
            if not option[name].strip():
                yield f"blank {name}"
        yield from _sized(option, "description", 0, 100)


def _address(url: str, most: int) -> Iterator[str]:
    if not url.startswith(("https://", "http://", "attachment://")) or not url.isprintable():
        yield f"{url[:80]!r} is no address"
    if length(url) > most:
        yield "an address that is too long"


def _sized(
    thing: Json, name: str, least: int, most: int, *, required: bool = False
) -> Iterator[str]:
    value = thing.get(name)
    if value is None:
        if required:
            yield f"{name} is missing"
    elif not least <= length(value) <= most:
        yield f"{name} of {length(value)} characters, not {least} to {most}"
