"""`paperbot paper …`: the bot's commands in a shell, for people and, as JSON, for scripts."""

import base64
import getpass
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from bot.app import open_app
from bot.config import Config
from bot.domain.errors import PaperbotError, UserError
from bot.domain.people import Channel, Person, Workspace
from bot.domain.ports import Caller
from bot.domain.posts import Entry, File, Notice, Panel, PaperList, Post, Reply, entries_of
from bot.domain.text import unmarked

USER_ERROR = 2
FAILURE = 1


async def paper(config: Callable[[], Config], words: Sequence[str], *, as_json: bool) -> int:
    """Answer one command and print it; the exit status is 2 for a mistake of the person typing."""
    try:
        async with open_app(config(), doors={}) as app:
            reply = await app.desk.answer(caller(app.config), words)
            await app.storage.search.catch_up()
    except PaperbotError as e:
        if not as_json:
            raise
        _print({"kind": "error", "message": str(e)})
        return USER_ERROR if isinstance(e, UserError) else FAILURE
    if as_json:
        _print(as_object(reply))
    else:
        show(reply)
    return USER_ERROR if _is_error(reply) else 0


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


def show(reply: Reply) -> None:
    """For people; a file goes to standard output as it is, so that it can be redirected."""
    from adapters.terminal import show as draw

    for post in reply.posts:
        if isinstance(post, File):
            sys.stdout.buffer.write(post.content)
            sys.stdout.flush()
        else:
            draw(post)


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
            return {"rows": [{"label": row.label, "text": unmarked(row.text)} for row in post.rows]}
        case File():
            content = base64.b64encode(post.content).decode("ascii")
            return {
                "file": {"name": post.name, "media_type": post.media_type, "base64": content},
                "text": post.content.decode("utf-8", "replace"),
            }
        case _:
            return {}


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
