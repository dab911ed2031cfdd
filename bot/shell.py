"""`paperbot paper …`: the bot's commands in a shell, for people and, as JSON, for scripts."""

import base64
import contextlib
import getpass
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.app import open_app
from bot.config import Config
from bot.domain.charts import Chart
from bot.domain.errors import PaperbotError, UserError
from bot.domain.people import Channel, Person, Workspace
from bot.domain.ports import Caller
from bot.domain.posts import (
    Entry,
    File,
    Notice,
    Panel,
    PaperList,
    Post,
    Reply,
    chart_of,
    entries_of,
    picture_of,
)
from bot.domain.text import unmarked
from bot.drawing import HINT, Artist

USER_ERROR = 2
FAILURE = 1


STDOUT = Path("-")


async def paper(
    config: Callable[[], Config], words: Sequence[str], *, as_json: bool, out: Path | None = None
) -> int:
    """Answer one command and print it; the exit status is 2 for a mistake of the person typing.

    It is 1 when a file was asked for, by `export` or with `out`, and there is none; `out` is left alone then.
    """
    drawn = Artist().illustrate
    try:
        async with open_app(config(), doors={}) as app:
            reply = await app.desk.answer(caller(app.config), words)
        if out:
            reply = replace(reply, posts=tuple([await drawn(post) for post in reply.posts]))
        file = next(filter(None, map(_file, reply.posts)), None)
        if file and not (as_json and out in (None, STDOUT)):
            _hand_over(file, out, quiet=as_json)
    except PaperbotError as e:
        if not as_json:
            raise
        _print({"kind": "error", "message": str(e)})
        return USER_ERROR if isinstance(e, UserError) else FAILURE
    missing = file is None and (out is not None or words[:1] == ["export"])
    if missing and any(map(chart_of, reply.posts)):
        print(f"paperbot: {HINT}", file=sys.stderr)  # noqa: T201 -- this is the shell
    if as_json:
        _print(as_object(reply))
    elif not any(isinstance(post, File) for post in reply.posts):
        show(reply, aside=missing or out == STDOUT)
    return USER_ERROR if _is_error(reply) else FAILURE * missing


def _file(post: Post) -> File | None:
    return post if isinstance(post, File) else picture_of(post)


def caller(config: Config) -> Caller:
    """Whoever is logged in, in the terminal's first channel: the same person as in the terminal door."""
    settings = config.terminal
    workspace = Workspace("terminal", settings.workspace)
    channel = Channel(workspace, settings.channels[0])
    name = settings.user or login()
    return Caller(person=Person("terminal", name, name), channel=channel, admin=True)


def login() -> str:
    """The login name as an address can hold it."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = ""
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name) or "me"


def show(reply: Reply, *, aside: bool = False) -> None:
    """For people; `aside` on standard error, since standard output is to become a file."""
    from adapters.terminal import show as draw

    with contextlib.redirect_stdout(sys.stderr) if aside else contextlib.nullcontext():
        for post in reply.posts:
            draw(post)


def _hand_over(file: File, out: Path | None, *, quiet: bool) -> None:
    """Into `out`; else to standard output as it is, or if that is a terminal into the current folder."""
    if out == STDOUT or (out is None and not sys.stdout.isatty()):
        sys.stdout.buffer.write(file.content)
        sys.stdout.flush()
        return
    from adapters.terminal import hand_over

    try:
        if out:
            out.write_bytes(file.content)
        else:
            out = hand_over(Path(), file)
    except OSError as e:
        place = out or "The current folder"
        raise UserError(f"{place} cannot be written: {e.strerror}. Use --out FILE.") from e
    if not quiet:
        said = f"{unmarked(file.text)} " if file.text else ""
        print(f"{said}It is in {out}.", file=sys.stderr)  # noqa: T201 -- this is the shell


def as_object(reply: Reply) -> dict[str, Any]:
    """`{"kind", "papers", "page", "pages", "text"}`, and what else the kind of post has."""
    from adapters.terminal import plain

    first = reply.posts[0]
    if _is_error(reply) and isinstance(first, Notice):
        return {"kind": "error", "message": unmarked(first.text)}
    lists = [post for post in reply.posts if isinstance(post, PaperList)]
    answer: dict[str, Any] = {
        "kind": first.kind,
        "papers": [_paper(entry) for post in reply.posts for entry in entries_of(post)],
        "page": lists[0].page if lists else 1,
        "pages": lists[0].pages if lists else 1,
        "total": lists[0].total if lists else None,
        "text": "\n\n".join(plain(post) for post in reply.posts),
    }
    return answer | _extras(first)


def _extras(post: Post) -> dict[str, Any]:
    match post:
        case Panel():
            rows = [{"label": row.label, "text": unmarked(row.text)} for row in post.rows]
            return {"rows": rows} | ({"chart": _chart(post.chart)} if post.chart else {})
        case File():
            content = base64.b64encode(post.content).decode("ascii")
            return {
                "file": {"name": post.name, "media_type": post.media_type, "base64": content},
                "text": post.content.decode("utf-8", "replace"),
            }
        case _:
            return {}


def _chart(chart: Chart) -> dict[str, Any]:
    plots = [
        {
            "title": plot.title,
            "labels": plot.labels,
            "series": {one.name: one.values for one in plot.series},
        }
        for plot in chart.plots
    ]
    return {"title": chart.title, "alt": chart.alt, "plots": plots}


def _paper(entry: Entry) -> dict[str, Any]:
    paper = entry.paper
    return {
        "number": entry.number,
        "id": paper.id,
        "title": paper.title,
        "url": paper.url,
        "arxiv_url": paper.arxiv_url,
        "authors": list(paper.authors),
        "published": paper.published.isoformat() if paper.published else None,
        "featured": paper.featured.isoformat() if paper.featured else None,
        "upvotes": paper.upvotes,
        "comments": paper.comments,
        "code_url": paper.code_url,
        "stars": paper.stars,
        "project_url": paper.project_url,
        "organization": paper.organization,
        "keywords": list(paper.keywords),
        "summary": paper.summary,
        "abstract": paper.abstract,
        "thumbnail": paper.thumbnail,
        "late": entry.late,
        "why": entry.why,
        "saved_by": [str(person) for person in entry.saved_by],
    }


def _is_error(reply: Reply) -> bool:
    first = reply.posts[0]
    return isinstance(first, Notice) and first.tone == "error"


def _print(answer: dict[str, Any]) -> None:
    print(json.dumps(answer, ensure_ascii=False))  # noqa: T201 -- this is the shell
