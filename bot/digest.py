"""Which papers a channel gets, and how they are laid out in messages. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.domain.papers import Paper, PaperId
from bot.domain.ports import Budget
from bot.domain.posts import Digest, Entry, PaperCard
from bot.domain.subscriptions import Layout, Terms
from bot.editions import Selection
from bot.matching import pattern, text_of

TITLE_AT_MOST = 300
SUMMARY_AT_MOST = 400
FACTS = 120
"""Characters that votes, code, stars and organisation take beside title and summary."""

WHY_AT_MOST = 120

HOW_TO_SAVE = "Save a paper: react with its number, or write `{command} save 3`."
HOW_TO_SAVE_ONE = "Save a paper: react to it with a bookmark."


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What is shown, and what became of the rest."""

    papers: tuple[Paper, ...] = ()
    total: int = 0
    filtered: int = 0
    """Taken out by the subscriber's words or votes."""
    repeated: int = 0
    """Taken out because the channel has had them."""
    left_out: int = 0
    """Good enough, but beyond the number asked for."""

    @property
    def why_nothing(self) -> str:
        """For the record, when there is nothing to show."""
        if not self.total:
            return "no list that day"
        reasons = []
        if self.filtered:
            reasons.append(f"filters removed {self.filtered} of {self.total}")
        if self.repeated:
            reasons.append(f"{self.repeated} of {self.total} were posted here before")
        return ", ".join(reasons)


def choose(papers: Sequence[Paper], terms: Terms, posted: Collection[PaperId]) -> Choice:
    """The first `terms.top` papers that pass the filters and are new to the channel, order kept."""
    wanted = [paper for paper in papers if passes(paper, terms)]
    fresh = [paper for paper in wanted if paper.id not in posted]
    shown = fresh[: terms.top]
    return Choice(
        papers=tuple(shown),
        total=len(papers),
        filtered=len(papers) - len(wanted),
        repeated=len(wanted) - len(fresh),
        left_out=len(fresh) - len(shown),
    )


def passes(paper: Paper, terms: Terms) -> bool:
    """Enough votes, at least one of the wanted words, none of the unwanted."""
    if paper.upvotes < (terms.min or 0):
        return False
    if not terms.include and not terms.exclude:
        return True
    text = text_of(paper)
    if terms.include and not any(pattern(word).search(text) for word in terms.include):
        return False
    return not any(pattern(word).search(text) for word in terms.exclude)


def lay_out(
    selection: Selection,
    choice: Choice,
    terms: Terms,
    budget: Budget,
    command: str = "/paper",
) -> tuple[Digest | PaperCard, ...]:
    """The messages of an edition, in the order they are sent; none when there is no paper.

    `command` is how people call us where it is sent, "" where they cannot.
    """
    entries = tuple(
        Entry(
            paper=paper,
            number=number,
            late=paper.id in selection.late,
            why=selection.why.get(paper.id, ""),
        )
        for number, paper in enumerate(choice.papers, start=1)
    )
    if not entries:
        return ()
    if selection.own is not None:
        return selection.own(command)
    if selection.card is not None:
        return tuple(PaperCard(entry=entry, notes=selection.card) for entry in entries)
    if terms.layout is Layout.CARDS:
        how = [HOW_TO_SAVE_ONE] if command else []
        notes = (*selection.notes, *_left_out(selection, choice, command), *how)
        heading = _heading(selection, choice, (), notes)
        return (heading, *(PaperCard(entry=entry) for entry in entries))
    digests = _digests(selection, choice, entries, budget, command)
    if terms.layout is Layout.THREAD:
        return (*digests, *(PaperCard(entry=entry) for entry in entries))
    return digests


def _digests(
    selection: Selection,
    choice: Choice,
    entries: tuple[Entry, ...],
    budget: Budget,
    command: str,
) -> tuple[Digest, ...]:
    groups = split(entries, budget)
    how = [HOW_TO_SAVE.format(command=command)] if command else []
    last = (*selection.notes, *_left_out(selection, choice, command), *how)
    digests = []
    for part, group in enumerate(groups, start=1):
        notes = last if part == len(groups) else ()
        digest = _heading(selection, choice, tuple(group), notes, part=part, parts=len(groups))
        digests.append(digest)
    return tuple(digests)


def split(entries: Sequence[Entry], budget: Budget) -> list[list[Entry]]:
    """Entries in groups that fit a message each; one that fits nowhere gets a message of its own."""
    groups: list[list[Entry]] = []
    room = 0
    for entry in entries:
        size = measure(entry)
        if not groups or len(groups[-1]) >= budget.entries or size > room:
            groups.append([])
            room = budget.characters
        groups[-1].append(entry)
        room -= size
    return groups


def measure(entry: Entry) -> int:
    """Characters an entry takes at most: renderers crop titles and summaries to the same figures."""
    title = min(len(entry.paper.title), TITLE_AT_MOST) + min(len(entry.why), WHY_AT_MOST)
    summary = min(len(entry.paper.summary), SUMMARY_AT_MOST)
    return title + summary + FACTS


def _heading(
    selection: Selection,
    choice: Choice,
    entries: tuple[Entry, ...],
    notes: tuple[str, ...],
    *,
    part: int = 1,
    parts: int = 1,
) -> Digest:
    return Digest(
        title=selection.title,
        subtitle=_subtitle(selection, choice) if part == 1 else "",
        url=selection.url,
        entries=entries,
        notes=notes,
        chart=selection.chart if part == 1 else None,
        part=part,
        parts=parts,
    )


def _subtitle(selection: Selection, choice: Choice) -> str:
    shown = len(choice.papers)
    count = f"{shown} paper{'s' if shown != 1 else ''}"
    if shown < choice.total:
        count = f"{shown} of {choice.total} papers"
    return " · ".join(part for part in (count, selection.subtitle) if part)


def _left_out(selection: Selection, choice: Choice, command: str) -> tuple[str, ...]:
    reasons = []
    if choice.left_out:
        reasons.append(f"{choice.left_out} more with fewer votes")
    if choice.filtered:
        reasons.append(f"{choice.filtered} filtered out")
    if choice.repeated:
        reasons.append(f"{choice.repeated} posted here before")
    if not reasons or not selection.more:
        return ()
    more = f" See all: `{command} {selection.more}`" if command else ""
    return (f"Not shown: {', '.join(reasons)}.{more}",)
