"""The people of the crash laboratory: they subscribe, publish papers and react, all while the bot is dead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random

from bot.domain.people import Channel, Message, Person
from bot.domain.subscriptions import Edition, Layout, Subscription, Terms
from bot.editions import FIRST_LOOK, settled_day
from bot.reactions import plain_emoji
from tests.support.huggingface import FakeHub, make_item
from tests.support.lab_books import Books
from tests.support.lab_sides import KEYCAPS, PEOPLE, Side

EDITIONS = (Edition.DAILY, Edition.LIVE)
PAPERS = 11
"""On a finished day's list: a digest of all of them takes two messages."""
GROWTH = 2
"""So many papers come out at once on the current day."""
LATEST = 12
"""Posts that people may react to."""


@dataclass
class People:
    """What they did, and what has to come of it."""

    random: Random
    hub: FakeHub
    orders: list[Subscription] = field(default_factory=list)
    emoji: dict[tuple[str, str], str] = field(default_factory=dict)
    """Person and act -> the paper that is to be saved by it."""
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    # --- papers

    def begin(self) -> None:
        """Yesterday's list and today's first papers."""
        self.hub.today = self.today + timedelta(
            days=1
        )  # it may be past midnight before we are done
        yesterday = settled_day(datetime.now(UTC))
        self.hub.put_day(yesterday, _items(yesterday, PAPERS))
        self.publish()

    def publish(self) -> None:
        """Some papers more on today's list."""
        self.hub.add(self.today, *_items(self.today, GROWTH, len(self.listed(self.today)) + 1))

    def listed(self, day: date) -> list[str]:
        """The ids of a day's papers, most upvotes first."""
        return [str(item["paper"]["id"]) for item in self.hub._days.get(day, [])]

    # --- orders

    async def subscribe(self, book: Books, side: Side) -> None:
        """Somebody wants something in a new channel, or the other edition in an old one."""
        mine = [one for one in self.orders if one.channel.platform == side.platform]
        if mine and self.random.random() < 0.2:
            channel = mine[-1].channel
            had = {one.edition for one in mine if one.channel == channel}
            if wanted := [edition for edition in EDITIONS if edition not in had]:
                await self._order(book, channel, wanted[0])
            return
        await self._order(book, side.room(self.random), self.random.choice(EDITIONS))

    async def _order(self, book: Books, channel: Channel, edition: Edition) -> None:
        now = datetime.now(UTC)
        layout = self.random.choice(list(Layout))
        top = self.random.choice((4, 100) if layout is Layout.DIGEST else (2, 4))
        order = Subscription(
            id=f"{channel.platform[0]}{len(self.orders):03}",
            channel=channel,
            edition=edition,
            terms=Terms(
                at=(now - timedelta(hours=1)).time().replace(second=0, microsecond=0),
                tz="UTC",
                top=top if edition is Edition.DAILY else 100,
                layout=layout,
            ),
            created_by=Person(channel.platform, "9", "Ann"),
            created_at=now,
            next_run_at=now - timedelta(minutes=5),
        )
        self.orders.append(order)
        await book.order(order)

    def due(self, order: Subscription, covered: str | None) -> set[str] | None:
        """The papers that an order is to have brought by now; None when it has not run."""
        if covered is None:
            return None
        day = date.fromisoformat(covered.partition("@")[0])
        if order.edition is Edition.DAILY:
            days = [day - timedelta(days=n) for n in range(FIRST_LOOK)]
            day = next(one for one in days if self.listed(one))
        return set(self.listed(day)[: order.terms.top])

    async def look_again(self, book: Books) -> bool:
        """Orders that lack a paper are run now, live ones once a minute; False when none lacks one."""
        planned, covered = await book.planned(), await book.covered()
        lacking = [
            order
            for order in self.orders
            if (due := self.due(order, covered[order.id])) is None
            or not due <= planned.get(str(order.channel), set())
        ]
        if await book.knows(self.today) < len(self.listed(self.today)):
            return bool(lacking)
        for order in lacking:
            edition = f"live:{self.today}+{datetime.now(UTC):%dT%H%M}"
            if not await book.ran(order.id, edition):
                await book.bring_forward([order.id])
        return bool(lacking)

    # --- reactions

    async def applaud(self, book: Books, sides: Sequence[Side], count: int = 4) -> dict[str, int]:
        """Some of the latest posts get an emoji or lose one; how many on each platform."""
        done = {}
        for side in sides:
            posts = await book.shown(side.platform, LATEST)
            chosen = self.random.sample(posts, min(count, len(posts)))
            done[side.platform] = sum(self._react(side, *post) for post in chosen)
        return done

    def _react(self, side: Side, where: Message, papers: Mapping[int, str]) -> bool:
        numbers = [n for n in papers if n in KEYCAPS] if len(papers) > 1 else [0]
        if not numbers:
            return False
        number, who = self.random.choice(numbers), self.random.choice(PEOPLE)
        emoji = KEYCAPS[number] if number else "🔖"
        act = side.person(where, who), f"{where}#{plain_emoji(emoji)}"
        side.react(where, who, number, added=act not in self.emoji)
        if act in self.emoji:
            del self.emoji[act]
        else:
            self.emoji[act] = papers[number or next(iter(papers))]
        return True


def _items(day: date, count: int, first: int = 1) -> list[dict[str, object]]:
    return [
        make_item(f"{day:%y%m}.{day:%d}{n:03}", f"Paper {n} of {day}", upvotes=500 - n, day=day)
        for n in range(first, first + count)
    ]
