"""What a channel hears of a meeting of its journal club: that it was picked, that it comes, that it begins."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.club import Club, Meeting
from bot.domain.deliveries import Delivery
from bot.domain.papers import Paper
from bot.domain.posts import Digest, Entry, PaperCard
from bot.domain.stores import Archive, Subscriptions
from bot.domain.subscriptions import Edition, Layout, Terms
from bot.domain.text import instant
from bot.editions import Need, Selection, in_words
from bot.making import Occasion
from bot.schedule import before_meeting

QUESTIONS = (
    "What problem does it solve, and who has that problem?",
    "What is new in it, and what was known before?",
    "Which result convinces you most, and which least?",
    "What would you need to reproduce it?",
    "What of it could we use?",
)


class Step(StrEnum):
    """What there is to say, in its order."""

    PICKED = "picked"
    DAY = "day"
    HOUR = "hour"
    START = "start"

    @property
    def named(self) -> str:
        """For the record."""
        return {
            "picked": "the announcement",
            "day": "the reminder of the day before",
            "hour": "the reminder an hour before",
            "start": "the opening",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Turn:
    """What is said now, what is not said any more, and what has been dealt with after that."""

    step: Step | None = None
    dropped: tuple[Step, ...] = ()
    covered: str = ""

    @property
    def record(self) -> str:
        """Why something was not said."""
        if not self.dropped:
            return ""
        names = " and ".join(step.named for step in self.dropped)
        return f"{names} {'was' if len(self.dropped) == 1 else 'were'} skipped: it was too late"


def turn(meeting: Meeting, covered: str | None, now: datetime) -> Turn:
    """Of what is due and was not dealt with: the first that still makes sense is said, the others are dropped.

    What was due before the meeting was picked was never owed.
    """
    known = (covered or "").split()
    due = {step: at for step, (at, _) in _spans(meeting).items() if at <= now and step not in known}
    never = [step for step, at in due.items() if at < meeting.picked_at]
    pending = [step for step in due if step not in never]
    step = next((one for one in pending if now < _spans(meeting)[one][1]), None)
    dropped = tuple(one for one in pending if one is not step)
    after = [one for one in Step if one in known or one in due]
    return Turn(step, dropped, " ".join(after))


def _spans(meeting: Meeting) -> dict[Step, tuple[datetime, datetime]]:
    """From when and until when each makes sense."""
    day, hour, start = before_meeting(terms_of(meeting))
    return {
        Step.PICKED: (meeting.picked_at, start),
        Step.DAY: (day, hour),
        Step.HOUR: (hour, start),
        Step.START: (start, meeting.end),
    }


def terms_of(meeting: Meeting) -> Terms:
    """Those of its subscription."""
    return Terms(
        at=meeting.at,
        tz=meeting.tz,
        once=meeting.day,
        paper=meeting.paper,
        shared=True,
        top=1,
        min=0,
        again=0,
        layout=Layout.DIGEST,
    )


def key_of(meeting: Meeting, step: Step) -> str:
    """The edition that says it: of one meeting each comes once."""
    return f"{Edition.CLUB}:{step}:{meeting.day}T{meeting.at:%H:%M}"


def opening_of(meeting: Meeting) -> str:
    """The key of the delivery below which it is discussed."""
    return f"{meeting.id}:{key_of(meeting, Step.START)}:1"


@dataclass(frozen=True, slots=True)
class Meetings:
    """Makes the edition CLUB."""

    archive: Archive
    club: Club

    async def outdated(self, delivery: Delivery, now: datetime) -> str:
        """Why a message that was long on its way is not sent any more; the opening always is."""
        edition, _, rest = delivery.edition.partition(":")
        if edition != Edition.CLUB:
            return ""
        meeting = await self.club.meeting(delivery.subscription)
        if meeting is None:
            return "the meeting was cancelled"
        step = Step(rest.partition(":")[0])
        if step is Step.START or now < _spans(meeting)[step][1]:
            return ""
        return f"{step.named} was skipped: it was too late"

    def needs(self, _: Occasion, /) -> tuple[Need, ...]:
        """It is made of what is there."""
        return ()

    def basis(self, occasion: Occasion, /) -> Hashable:
        """Each is its own."""
        return occasion.subscription.id

    async def gather(self, occasion: Occasion, /) -> Selection:
        """What is to be said now; nothing, when that was said before or nobody meets."""
        meeting = await self.club.meeting(occasion.subscription.id)
        quiet = Selection(key=f"{Edition.CLUB}:{occasion.now:%Y-%m-%dT%H:%M}", title="", again=True)
        if meeting is None or meeting.ended_at is not None:
            return quiet
        now = turn(meeting, occasion.subscription.covered, occasion.now)
        if now.step is None and not now.dropped:
            return quiet
        paper = await self.archive.paper(meeting.paper)
        paper = paper or Paper(id=meeting.paper, title=meeting.paper)
        return Selection(
            key=key_of(meeting, now.step or now.dropped[-1]),
            title="Journal club",
            papers=(paper,) if now.step else (),
            nothing=now.record,
            beside=now.record,
            covered=now.covered,
            own=lambda command: _posts(now.step, meeting, paper, command),
        )


def _posts(
    step: Step | None, meeting: Meeting, paper: Paper, command: str
) -> tuple[Digest | PaperCard, ...]:
    """Nothing in them is true only for a while: a message may be delayed on its way."""
    if step is Step.START:
        return _opening(meeting, paper, command)
    title = "Journal club" if step is Step.PICKED else "Reminder: journal club"
    notes = [f"It begins {when(meeting)} and takes {meeting.minutes} minutes."]
    if step is Step.PICKED:
        notes.append("The discussion opens here at the hour, below a message of its own.")
    if step is Step.PICKED and command:
        notes.append(f"`{command} club` shows what else is nominated, and what comes.")
    entry = Entry(paper=paper, why=_votes(meeting))
    title = f"{title} · {in_words(local(meeting).date())}"
    return (Digest(title=title, entries=(entry,), notes=tuple(notes)),)


def _opening(meeting: Meeting, paper: Paper, command: str) -> tuple[Digest | PaperCard, ...]:
    """The head of a thread, and its first answer."""
    day = in_words(local(meeting).date())
    head = PaperCard(
        entry=Entry(paper=paper, why=f"Journal club · {day}, {local(meeting):%H:%M} {meeting.tz}"),
        notes=(
            f"The journal club began {when(meeting)}: {meeting.minutes} minutes.",
            "What you say below this message stays with the paper.",
        ),
    )
    notes = [*QUESTIONS]
    if command:
        notes.append(f"In the end `{command} club done` archives it, with this thread.")
    thread = Digest(title=f"Journal club: {paper.title}", notes=tuple(notes))
    return (head, thread)


def local(meeting: Meeting) -> datetime:
    """When it begins by the clocks there."""
    return meeting.start.astimezone(ZoneInfo(meeting.tz))


def when(meeting: Meeting) -> str:
    """`Thu 3 Dec 2026, 16:00 Europe/Berlin`; in the reader's own zone where a platform knows that."""
    at = local(meeting)
    return instant(meeting.start, f"{at:%a} {at.day} {at:%b} {at.year}, {at:%H:%M} {meeting.tz}")


def _votes(meeting: Meeting) -> str:
    return f"{meeting.votes} vote{'s' if meeting.votes != 1 else ''}" if meeting.votes else ""


async def end_meetings(subscriptions: Subscriptions, club: Club, now: datetime) -> int:
    """Remove the subscriptions of those that are past or were cancelled; how many that were."""
    ended = 0
    for one in await subscriptions.of_edition(Edition.CLUB):
        meeting = await club.meeting(one.id)
        if meeting is None or meeting.is_past(now):
            await subscriptions.remove(one.id)
            ended += 1
    return ended
