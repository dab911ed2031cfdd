"""What one workspace saves, writes and is called is no other's business, unless both are one team."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.terminal import plain
from bot.domain.people import Channel, Person, Sharing, Workspace
from bot.domain.ports import Caller
from bot.domain.posts import File, Post, entries_of
from storage import open_storage
from tests.support.fakes import NOW, paper
from tests.support.rooms import Office
from tests.support.storage import Place

A, B = Channel(Workspace("slack", "1"), "papers"), Channel(Workspace("discord", "1"), "papers")
"""The same ids on two platforms."""
MARKS = {A: "ayay", B: "beebee"}
"""In every name, note and tag of a workspace, and in nothing else."""
PEOPLE = {
    place: [
        Person(place.platform, id, f"{MARKS[place]} {name}")
        for id, name in (("1", "Ann"), ("2", "Bob"))
    ]
    for place in (A, B)
}
PAPERS = [paper(f"2505.0000{n}", f"Overlap {n}") for n in range(6)]

WRITING = (
    "save {id}",
    "save {id}",
    "unsave {id}",
    "read {id}",
    "unread {id}",
    "tag {id} {mark} common",
)
NOTING = ("note {id} {mark} secret-{who}", "note {id} whose:team {mark} open", "note {id}")
READING = (
    *(
        "saved",
        "saved me sort:upvotes",
        "saved team",
        "saved team unread",
        "saved here",
        "saved team {other}",
    ),
    *(
        "saved team tag:{other}",
        "saved team tag:common",
        "saved team by:Ann",
        "saved by:{other}",
        "tag {id}",
    ),
    *(
        "show {id}",
        "search overlap saved:team",
        "search overlap saved:me",
        "search {other}",
        "similar {id}",
    ),
    *(
        "export team",
        "export json team",
        "export csv here",
        "export markdown me",
        "export ris team tag:common",
    ),
    *("data", "forget me", "status", "today", "random"),
)
STEPS = st.tuples(
    st.sampled_from((A, B)),
    st.integers(0, 1),
    st.sampled_from((*WRITING, *WRITING, *NOTING, *READING, "forget me yes")),
    st.integers(0, 5),
)


@asynccontextmanager
async def two_workspaces(sharing: Sharing) -> AsyncIterator[Office]:
    """One bot in both, on a real database."""
    office = Office()
    with TemporaryDirectory() as name:
        place = Place(Path(name))
        async with open_storage(place.url, place.index, sharing=sharing) as storage:
            await storage.archive.keep(PAPERS, as_of=NOW)
            await storage.search.catch_up()
            office.desk.room = replace(
                office.room,
                archive=storage.archive,
                search=storage.search,
                library=storage.library,
                notes=storage.notes,
                privacy=storage.privacy,
            )
            yield office


def other(place: Channel) -> Channel:
    return B if place == A else A


async def says(office: Office, place: Channel, who: int, template: str, number: int) -> list[Post]:
    """What somebody gets to see, without what they typed themselves."""
    person = PEOPLE[place][who]
    line = template.format(
        id=PAPERS[number].id, mark=MARKS[place], other=MARKS[other(place)], who=who
    )
    reply = await office.says(line, person, channel=place)
    return [_without(post, MARKS[other(place)]) for post in reply.posts]


def _without(post: Post, typed: str) -> Post:
    """A heading and a complaint repeat what was asked for."""
    changes = {
        name: text.replace(f":{typed}", "").replace(f" {typed}", "").replace(f"`{typed}`", "")
        for name in ("title", "text")
        if isinstance(text := getattr(post, name, None), str)
    }
    return replace(post, **changes) if changes and not isinstance(post, File) else post


def written(post: Post) -> str:
    """Everything in it, seen or not."""
    content = post.content.decode() if isinstance(post, File) else plain(post)
    return f"{content}\n{post!r}"


@settings(max_examples=5)
@given(st.lists(STEPS, min_size=10, max_size=24))
async def test_no_command_tells_one_workspace_of_another(
    steps: list[tuple[Channel, int, str, int]],
):
    """No name, note or tag of the other is in any answer, and no paper that only the other saved."""
    saved: dict[Channel, set[str]] = {A: set(), B: set()}
    async with two_workspaces(Sharing()) as office:
        for place, who, template, number in steps:
            posts = await says(office, place, who, template, number)
            if template.startswith(("save ", "note ", "tag ")):
                saved[place].add(PAPERS[number].id)
            for post in posts:
                text = written(post)
                assert MARKS[other(place)] not in text, template
                assert f"{other(place).platform}:" not in text, template
                assert f"secret-{1 - who}" not in text, "a colleague's own note"
                if template.startswith(("saved", "export", "search overlap saved")):
                    shown = {entry.paper.id for entry in entries_of(post)}
                    shown |= {one.id for one in PAPERS if isinstance(post, File) and one.id in text}
                    assert shown <= saved[place], template
        for place in (A, B):
            asks = Caller(person=PEOPLE[place][0], channel=place)
            for begun in ("saved team tag:", "saved by:", "unsave "):
                found = await office.desk.suggest(asks, begun)
                assert MARKS[other(place)] not in " ".join(found)


async def test_one_team_sees_what_is_the_teams_and_nothing_else():
    """Saves, tags, names and notes for the team; a note of one's own stays one's own."""
    async with two_workspaces(Sharing(shared=True)) as office:
        for template in (WRITING[0], WRITING[-1], NOTING[0]):
            await says(office, A, 0, template, 1)
        await says(office, A, 1, NOTING[1], 1)
        for template in ("saved team", "show {id}", "export json team"):
            (post,) = await says(office, B, 0, template, 1)
            text = written(post)
            assert PAPERS[1].id in text
            assert "ayay Ann" in text or "slack:1" in text
            assert "secret-0" not in text
        (post,) = await says(office, B, 0, "saved team", 1)
        (entry,) = entries_of(post)
        assert entry.tags == ("ayay", "common")
        assert [remark.text for remark in entry.remarks] == ["ayay open"]
        (mine,) = await says(office, B, 0, "saved", 1)
        assert entries_of(mine) == ()
