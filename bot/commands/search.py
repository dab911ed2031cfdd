"""search: papers by their words and by facts about them."""

from dataclasses import replace
from datetime import date

from bot.commands.beyond import WHY, beyond, wants
from bot.commands.days import Since
from bot.commands.grammar import render
from bot.commands.library import ME, TEAM
from bot.commands.room import Room
from bot.commands.shared import PAGING, Page, numbered, page_of, resolve
from bot.commands.spec import Answer, Asked, Command, Parameter, Request
from bot.commands.values import Choice, Integer, Known, PaperRef, Ref, Words
from bot.domain.errors import UserError
from bot.domain.papers import Paper, PaperId
from bot.domain.posts import Notice
from bot.domain.search import Field, Has, Query, Sort, Word

MOST_UPVOTES = 100_000
HERE, EVERYWHERE = "here", "everywhere"


async def search(room: Room, request: Request) -> Answer:
    """One page of what was found, with the reason for each paper."""
    query = replace(query_of(request), within=await _within(room, request))
    if query == Query(sort=query.sort):
        raise UserError(
            f"What shall I look for? For example: {room.says(request.command.examples[0])}."
        )
    page = Page.of(room, request)
    found = await room.search.search(query, offset=page.offset, limit=page.size)
    more: list[Paper] = []
    if wants(query, found, everywhere=request.one("where", str) == EVERYWHERE):
        more = await beyond(room, query, found)
    if not found.total and not more:
        return _nothing(room, request, query)
    start = max(page.offset - found.total, 0)
    added = more[start : start + page.size - len(found.hits)]
    papers = [*(hit.paper for hit in found.hits), *added]
    why = {hit.paper.id: hit.why for hit in found.hits} | {paper.id: WHY for paper in added}
    entries = await numbered(room, request, papers, first=page.offset + 1, why=why)
    total = found.total + len(more)
    return page_of(room, request, entries, total, title=f"Search: {_title(request)}")


def query_of(request: Request) -> Query:
    """What was asked for, as the search understands it."""
    query = Query(
        words=request.many("words", Word),
        author=request.one("author", str) or "",
        organization=request.one("organization", str) or "",
        keyword=request.one("keyword", str) or "",
        since=request.one("since", date),
        until=request.one("until", date),
        has=frozenset(request.many("has", Has)),
        min=request.one("min", int) or 0,
        sort=request.one("sort", Sort) or Sort.RELEVANCE,
    )
    if query.since and query.until and query.since > query.until:
        raise UserError(f"since:{query.since} lies after until:{query.until}; swap them.")
    return query


async def _within(room: Room, request: Request) -> frozenset[PaperId] | None:
    """The papers that `saved:` and `posted:` leave; None is all."""
    caller, within = request.caller, None
    if whose := request.one("saved", str):
        person = None if whose == TEAM else caller.person
        within = await room.library.saved_ids(caller.channel.workspace, person)
    if request.one("posted", str):
        posted = await room.library.posted(caller.channel)
        within = posted if within is None else within & posted
    return within


async def similar(room: Room, request: Request) -> Answer:
    """More like one paper."""
    paper = await resolve(room, request, request.one("paper", Ref))
    page = Page.of(room, request)
    found = await room.search.similar(paper.id, offset=page.offset, limit=page.size)
    if not found.total:
        return Notice(text=f"Nothing here is like {paper.title}.", hints=(_fetch_hint(room),))
    why = {hit.paper.id: hit.why for hit in found.hits}
    papers = [hit.paper for hit in found.hits]
    entries = await numbered(room, request, papers, first=page.offset + 1, why=why)
    return page_of(room, request, entries, found.total, title=f"Similar to {paper.title}")


def _fetch_hint(room: Room) -> str:
    return f"An arXiv paper that is not here: {room.says('show 2103.00020')} fetches it."


def _title(request: Request) -> str:
    """The line that was typed, without page and limit."""
    values = {k: v for k, v in request.values.items() if k not in {"page", "limit"}}
    return render(Asked(command=request.command, values=values), prefix="").removeprefix(" search ")


def _nothing(room: Room, request: Request, query: Query) -> Notice:
    hints = []
    if any(word.phrase for word in query.words):
        hints.append("Leave out the quotation marks to find the words apart from each other.")
    if len(query.words) > 1:
        hints.append("Try fewer words.")
    if query != Query(words=query.words, sort=query.sort):
        hints.append("Leave out a filter.")
    hints.append(_fetch_hint(room))
    return Notice(text=f"Nothing was found for {_title(request)}.", hints=tuple(hints))


COMMANDS = (
    Command(
        name="search",
        summary="Find papers by words, author, date, code, votes",
        run=search,
        parameters=(
            Parameter(
                name="words",
                help='What to look for: words, "a phrase", -excluded',
                type=Words(),
                positional=True,
            ),
            Parameter(name="author", help="Part of an author's name", type=Known("a name")),
            Parameter(
                name="organization",
                help="Part of an organisation's name",
                type=Known("a name", field=Field.ORGANIZATION),
                aliases=("org", "organisation"),
            ),
            Parameter(
                name="keyword",
                help="One of the paper's keywords",
                type=Known("a keyword", field=Field.KEYWORD),
            ),
            Parameter(
                name="since",
                help="From this day on: 2025-05-22, 2025-05, 2025, monday, 7d, 3m",
                type=Since(),
            ),
            Parameter(
                name="until",
                help="Up to this day: 2025-05-22, 2025-05, 2025, monday, 7d",
                type=Since(last=True),
            ),
            Parameter(
                name="has",
                help="Only papers that have it: code, video, summary",
                type=Choice(tuple(Has)),
                repeated=True,
            ),
            Parameter(name="min", help="Fewest upvotes", type=Integer(0, MOST_UPVOTES)),
            Parameter(
                name="saved",
                help="Only what you saved (me), or anybody in this workspace (team)",
                type=Choice((ME, TEAM)),
            ),
            Parameter(
                name="posted",
                help="Only what was posted in this channel (here)",
                type=Choice((HERE,)),
            ),
            Parameter(name="sort", help="Order of the results", type=Choice(tuple(Sort))),
            Parameter(
                name="where",
                help="Ask Hugging Face as well (everywhere); by itself, where little is found here",
                type=Choice((EVERYWHERE,)),
            ),
            *PAGING,
        ),
        aliases=("find",),
        examples=(
            "search clip",
            'search "vision language" since:2025-01 has:code min:20 sort:upvotes',
            'search diffusion -video author:"Jane Doe"',
            "search agents saved:team",
        ),
    ),
    Command(
        name="similar",
        summary="More papers like one",
        run=similar,
        parameters=(
            Parameter(
                name="paper",
                help="Its arXiv id, its link, or its number in the last list",
                type=PaperRef(),
                required=True,
                positional=True,
            ),
            *PAGING,
        ),
        aliases=("like", "more"),
        examples=("similar 2103.00020", "similar 3"),
    ),
)
