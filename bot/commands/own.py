"""What belongs to one person: where it reaches them, and on what terms."""

from collections.abc import Iterable
from dataclasses import replace

from bot.commands.room import Room
from bot.domain.errors import DeliveryError, StorageError, UserError
from bot.domain.mailing import EMAIL
from bot.domain.people import Channel, Person
from bot.domain.subscriptions import Edition, Layout, Manner, Pace, Reach, Subscription, Terms
from bot.schedule import next_run

MOST_AT_ONCE = 50
USUAL = Terms(top=MOST_AT_ONCE, min=0, again=0, layout=Layout.DIGEST)
"""What the operator chose for channels does not apply to what one person asked for."""
MONDAY = frozenset({0})


async def direct(room: Room, person: Person) -> Channel:
    """Their own channel; a UserError says why there is none."""
    try:
        return await room.direct(person)
    except DeliveryError as e:
        raise UserError(f"I cannot write to you directly. {e}") from e


async def mailbox(room: Room, person: Person) -> Channel:
    """An address of theirs that wants mail; a UserError says how to get one."""
    if room.mail is not None:
        for consent in await room.mail.consents(person, None):
            if not consent.shared and consent.person == person:
                return consent.address
        way = f"Ask for mail first: {room.says('email me@lab.org')}, and confirm it."
    else:
        way = "No e-mail can be sent from here; whoever runs the bot can switch it on."
    raise UserError(f"I know no e-mail address of yours. {way}")


async def reached_at(room: Room, person: Person, reach: Reach) -> Channel:
    """Where what is theirs alone goes."""
    if reach.follows is Manner.EMAIL:
        return await mailbox(room, person)
    return await direct(room, person)


def on_terms(terms: Terms, reach: Reach) -> Terms:
    """The terms of a follow or a watch, for somebody who wants to be reached so."""
    by_mail = reach.follows is Manner.EMAIL
    return replace(
        terms,
        manner=None if reach.follows is Manner.NOW else reach.follows,
        quiet=None if by_mail else reach.quiet,
        tz=reach.tz if reach.quiet and not by_mail else None,
    )


def digest_terms(reach: Reach) -> Terms:
    """The terms of their own digest."""
    on = MONDAY if reach.digest is Pace.WEEKLY else frozenset(range(7))
    return replace(USUAL, at=reach.at, tz=reach.tz, on=on, home=reach.home)


async def new_id(room: Room) -> str:
    """One that nobody has: short ids meet each other now and then."""
    while await room.subscriptions.get(id := room.new_id()):
        pass
    return id


def is_own_place(channel: Channel, own: Channel) -> bool:
    """Whether only its owner reads what is posted there."""
    return channel == own or channel.platform == EMAIL


async def rewrite(room: Room, person: Person, reach: Reach) -> None:
    """What they follow and watch reaches them so from now on. Nothing has to be looked up when it is sent."""
    there = [one for one in await room.subscriptions.by(person) if one.private]
    if not there:
        return
    own = await direct(room, person)
    to = await reached_at(room, person, reach)
    for one in _of(there, Edition.FOLLOW, Edition.WATCH):
        if one.edition is Edition.FOLLOW or is_own_place(one.channel, own):
            await _redirect(room, one, to, on_terms(one.terms, reach))


async def _redirect(room: Room, one: Subscription, to: Channel, terms: Terms) -> None:
    if (one.channel, one.terms) != (to, terms):
        upcoming = next_run(one.edition, terms.resolved(room.defaults), room.clock())
        await room.subscriptions.redirect(one.id, to, terms, upcoming)


def _of(there: Iterable[Subscription], *editions: Edition) -> list[Subscription]:
    return [one for one in there if one.edition in editions]


async def order_digest(room: Room, person: Person, reach: Reach) -> None:
    """Their own digest comes as they want it, or not any more."""
    id = f"me-{person}"
    standing = await room.subscriptions.get(id)
    if reach.digest is Pace.OFF:
        if standing:
            await room.subscriptions.remove(id)
        return
    to, terms = await reached_at(room, person, reach), digest_terms(reach)
    if standing:
        await _redirect(room, standing, to, terms)
        return
    now = room.clock()
    order = Subscription(
        id=id,
        channel=to,
        edition=Edition.PERSONAL,
        terms=terms,
        created_by=person,
        created_at=now,
        next_run_at=next_run(Edition.PERSONAL, terms.resolved(room.defaults), now),
    )
    try:
        await room.subscriptions.add(order)
    except StorageError:  # perhaps it was asked for twice at once
        if await room.subscriptions.get(id) is None:
            raise
