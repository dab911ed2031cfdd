"""subscribe, unsubscribe, subscriptions, preview: what a channel gets by itself."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.commands.own import new_id
from bot.commands.room import Room
from bot.commands.shared import ago, count, refreshed
from bot.commands.spec import Answer, Command, Parameter, Request
from bot.commands.terms import PARAMETERS, conditions, terms_of
from bot.commands.values import Choice, Key, echo, listing
from bot.digest import choose, lay_out
from bot.domain.errors import NotAllowed, UserError
from bot.domain.people import Channel, Workspace
from bot.domain.ports import Budget
from bot.domain.posts import Notice, Panel, Post, Row
from bot.domain.subscriptions import FOR_CHANNELS, Edition, Subscription, Terms
from bot.domain.text import instant, place
from bot.editions import RISING_DAYS, Selection, gather, needs
from bot.following import in_words as followed
from bot.making import Maker, Occasion
from bot.schedule import HOURLESS, describe, next_run

MOST_A_CHANNEL = 25
HERE, ALL = "here", "all"


async def subscribe(room: Room, request: Request) -> Answer:
    """Enter a standing order and announce it to the channel."""
    edition = request.one("edition", Edition) or Edition.DAILY
    terms = terms_of(request, edition)
    there = await shown_in(room, request.caller.channel)
    _refuse_more(room, there, edition, terms)
    now = room.clock()
    subscription = Subscription(
        id=await new_id(room),
        channel=request.caller.channel,
        edition=edition,
        terms=terms,
        created_by=request.caller.person,
        created_at=now,
        next_run_at=next_run(edition, terms.resolved(room.defaults), now),
    )
    await room.subscriptions.add(subscription)
    who = request.caller.person.name or "Somebody"
    text = f"{who} subscribed this channel: {in_words(room, subscription)}. {first(room, subscription)}"
    hints = (
        f"{room.says(f'preview {subscription.id}')} shows what it looks like.",
        f"{room.says(f'unsubscribe {subscription.id}')} ends it.",
    )
    return Notice(text=text, tone="done", hints=hints)


def _refuse_more(room: Room, there: list[Subscription], edition: Edition, terms: Terms) -> None:
    for other in there:
        if other.edition is edition and other.terms == terms:
            raise UserError(
                f"This channel has that already: `{other.id}`, {in_words(room, other)}. "
                f"To change it, {room.says(f'unsubscribe {other.id}')} and subscribe anew."
            )
    if len(there) >= MOST_A_CHANNEL:
        raise UserError(
            f"This channel has {MOST_A_CHANNEL} subscriptions, and that is the most; "
            f"end one with {room.says('unsubscribe')} first."
        )


async def shown_in(room: Room, place: Channel | Workspace) -> list[Subscription]:
    """What a channel or a workspace gets; what is one person's own is nobody else's business.

    Meetings of its club are no standing orders: `club` tells of them.
    """
    there = room.subscriptions
    found = await (there.of(place) if isinstance(place, Channel) else there.within(place))
    return [one for one in found if not one.private and one.edition is not Edition.CLUB]


def in_words(room: Room, subscription: Subscription) -> str:
    """`daily at 09:00 Europe/Berlin, Mon-Fri (top 10, with `diffusion`)`."""
    when = describe(subscription.edition, subscription.terms.resolved(room.defaults))
    if subscription.edition is Edition.FOLLOW:
        return f"{when}, {followed(subscription.terms)}"
    what = conditions(subscription.terms)
    return f"{when} ({what})" if what else when


def first(room: Room, subscription: Subscription) -> str:
    """When the first edition comes."""
    if subscription.edition is Edition.RISING:
        return "The first paper comes when it crosses that number."
    return f"The first one comes {moment(room, subscription)}."


def moment(room: Room, subscription: Subscription) -> str:
    """`Mon 26 May, 09:00 (in 14 hours)`, in the subscription's own zone."""
    zone = ZoneInfo(subscription.terms.resolved(room.defaults).tz or "UTC")
    local = subscription.next_run_at.astimezone(zone)
    shown = f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"
    return f"{instant(subscription.next_run_at, shown)} ({ago(subscription.next_run_at, room.clock())})"


async def unsubscribe(room: Room, request: Request) -> Answer:
    """End one standing order of this channel, or all that were made by command."""
    key = request.one("id", str) or ""
    there = await shown_in(room, request.caller.channel)
    if key == ALL:
        ended = [one for one in there if not one.declared]
        if not ended:
            raise UserError("There is nothing here to unsubscribe from.")
    else:
        ended = [pick(room, there, key)]
        if ended[0].declared:
            raise UserError(
                f"`{key}` is written in the config file; whoever runs the bot can end it."
            )
    for one in ended:
        await room.subscriptions.remove(one.id)
    who = request.caller.person.name or "Somebody"
    what = "; ".join(f"`{one.id}`, {in_words(room, one)}" for one in ended)
    return Notice(text=f"{who} unsubscribed this channel from {what}.", tone="done")


def pick(room: Room, there: list[Subscription], key: str) -> Subscription:
    """The channel's subscription with this id; UserError names those that there are."""
    for one in there:
        if one.id.lower() == key.lower():
            return one
    if not there:
        raise UserError(f"This channel has no subscriptions; {room.says('subscribe')} makes one.")
    known = listing((one.id for one in there), "and")
    raise UserError(f"There is no subscription {echo(key)} here; there is {known}.")


async def subscriptions(room: Room, request: Request) -> Answer:
    """What this channel gets, or every channel of the workspace, and when."""
    where, there = await ordered(room, request)
    whose = "this channel" if isinstance(where, Channel) else "this workspace"
    if not there:
        hint = f"{room.says('subscribe daily at:09:00 tz:Europe/Berlin on:mon-fri')} makes one."
        return Notice(text=f"{whose.capitalize()} has no subscriptions.", hints=(hint,))
    return Panel(
        title=f"{count(len(there), 'subscription')} of {whose}",
        rows=tuple(Row(one.id, found_in(where, one) + state(room, one)) for one in there),
        notes=(f"{room.says('preview <id>')} shows what one looks like.",),
    )


async def ordered(room: Room, request: Request) -> tuple[Channel | Workspace, list[Subscription]]:
    """Where was asked about, and the subscriptions there."""
    channel = request.caller.channel
    if request.one("where", str) != ALL:
        return channel, await shown_in(room, channel)
    if not request.caller.admin:
        raise NotAllowed(
            "Only people who may manage this place see all of it; "
            f"{room.says(request.command.name)} tells about this channel."
        )
    return channel.workspace, await shown_in(room, channel.workspace)


def found_in(where: Channel | Workspace, subscription: Subscription) -> str:
    """The channel, where several are spoken of."""
    return "" if isinstance(where, Channel) else f"{place(subscription.channel)}: "


def state(room: Room, subscription: Subscription) -> str:
    """Its schedule, and when it runs next or why it does not."""
    if subscription.paused is not None:
        then = f"paused: {subscription.paused}"
    elif subscription.edition in HOURLESS:
        then = "watching"
    else:
        then = f"next {moment(room, subscription)}"
    origin = ", from the config file" if subscription.declared else ""
    return f"{in_words(room, subscription)}; {then}{origin}"


async def preview(room: Room, request: Request) -> Answer:
    """The latest edition on a subscription's terms. Nothing is sent or remembered.

    What the channel has had is shown too: the terms are being tried, not the memory.
    """
    subscription = replace(await _wanted(room, request), covered=None)
    terms = subscription.terms.resolved(room.defaults)
    now = room.clock()
    notes: tuple[str, ...] = ()
    for need in reversed(needs(subscription, now)):
        notes = await refreshed(room, need.listing)
        if await room.archive.listed(need.listing):
            break
    selection = await _selected(room, subscription, terms, now)
    choice = choose(selection.papers, terms, ())
    budget = room.budgets.get(request.caller.channel.platform, Budget())
    parts: tuple[Post, ...] = lay_out(selection, choice, terms, budget, room.command)
    what = in_words(room, subscription)
    if not parts:
        why = (not choice.total and selection.nothing) or choice.why_nothing
        text = f"There would be nothing to post now: {why}."
        return Notice(text=text, hints=(f"The terms: {what}.", *notes))
    text = f"This is how the latest edition looks: {what}. Nothing was posted."
    return (Notice(text=text, hints=notes), *parts)


async def _selected(
    room: Room, subscription: Subscription, terms: Terms, now: datetime
) -> Selection:
    """The edition as it would be made at this moment."""
    maker: Maker | None = room.makers.get(subscription.edition)
    if maker is None:
        return await gather(room.archive, subscription, terms, now)
    now_due = Occasion(subscription=subscription, terms=terms, due=now, now=now, upcoming=now)
    return await maker.gather(now_due)


async def _wanted(room: Room, request: Request) -> Subscription:
    """An existing one by its id, or one made of the qualifiers just for this."""
    key = request.one("id", str) or ""
    qualifiers = [name for name in request.values if name != "id"]
    if key and key not in FOR_CHANNELS:
        found = pick(room, await shown_in(room, request.caller.channel), key)
        if qualifiers:
            raise UserError(
                f"`{found.id}` has its own terms; leave out `{qualifiers[0]}:`, "
                f"or name an edition instead of the id."
            )
        if found.edition not in FOR_CHANNELS:
            raise UserError(f"`{found.id}` posts a paper when it is featured; it has no edition.")
        return found
    edition = Edition(key) if key else Edition.DAILY
    now = room.clock()
    return Subscription(
        id="preview",
        channel=request.caller.channel,
        edition=edition,
        terms=terms_of(request, edition),
        created_by=request.caller.person,
        created_at=now - timedelta(days=RISING_DAYS),
        next_run_at=now,
    )


WHERE = Parameter(
    name="where",
    help="This channel (here), or all of the workspace for those who manage it",
    type=Choice((HERE, ALL)),
    positional=True,
)

COMMANDS = (
    Command(
        name="subscribe",
        summary="Post papers in this channel, at the hour and on the terms you say",
        run=subscribe,
        parameters=(
            Parameter(
                name="edition",
                help="What to post; daily if left out",
                type=Choice(FOR_CHANNELS),
                positional=True,
            ),
            *PARAMETERS,
        ),
        private=False,
        admin=True,
        examples=(
            "subscribe daily at:09:00 tz:Europe/Berlin on:mon-fri top:10",
            "subscribe weekly on:mon at:10:00 include:diffusion exclude:survey",
            "subscribe rising over:100",
            "subscribe recap on:fri at:16:00",
        ),
    ),
    Command(
        name="unsubscribe",
        summary="End a subscription of this channel",
        run=unsubscribe,
        parameters=(
            Parameter(
                name="id",
                help="The subscription's id, or all",
                type=Key((ALL,), hint="an id (`subscriptions` lists them) or all"),
                required=True,
                positional=True,
            ),
        ),
        private=False,
        admin=True,
        examples=("unsubscribe k3x", "unsubscribe all"),
    ),
    Command(
        name="subscriptions",
        summary="What this channel gets, and when",
        run=subscriptions,
        parameters=(WHERE,),
        aliases=("subs",),
        examples=("subscriptions", "subscriptions all"),
    ),
    Command(
        name="preview",
        summary="What a subscription looks like; nothing is posted",
        run=preview,
        parameters=(
            Parameter(
                name="id",
                help="A subscription's id, or an edition with terms of its own",
                type=Key(FOR_CHANNELS, hint=f"an id, or {', '.join(FOR_CHANNELS)}"),
                positional=True,
            ),
            *PARAMETERS,
        ),
        examples=("preview k3x", "preview daily top:5 include:diffusion"),
    ),
)
