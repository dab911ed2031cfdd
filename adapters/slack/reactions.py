"""Emoji on our messages, as they come and, for those that came while we were away, at start."""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from adapters.slack.addresses import PLATFORM, message, person
from adapters.slack.answers import reason, whisper
from adapters.slack.bench import Bench, Body, Hear
from adapters.slack.failures import ERRORS, code_of
from bot.domain.errors import PaperbotError
from bot.domain.people import Message, Person
from bot.domain.ports import Caller, Reaction
from bot.domain.posts import Notice, Reply

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=3)
"""Digests older than this are not read again at start."""
FUTILE = {"missing_scope", "not_allowed_token_type"}
"""No other digest of that workspace could be read either."""


async def reacted(bench: Bench, team: str, event: Body) -> None:
    """An emoji was put on a message or taken away. Our table says whether it is one of ours: Slack's
    `item_user` is missing on messages of some kinds."""
    item, emoji, user = (
        event.get("item"),
        str(event.get("reaction", "")),
        str(event.get("user", "")),
    )
    if not isinstance(item, dict) or item.get("type") != "message" or not bench.desk.saves(emoji):
        return
    if not user or user == (await bench.api.grants.of(team)).bot_user:
        return
    added = event.get("type") == "reaction_added"
    where = message(team, str(item.get("channel", "")), str(item.get("ts", "")))
    who = await _known(bench, team, user) if added else person(team, user)
    reply = await bench.desk.react(Reaction(message=where, person=who, emoji=emoji, added=added))
    if reply and (advice := helpful(reply)):
        await _advise(bench, Caller(person=who, channel=where.channel), advice)


def helpful(reply: Reply) -> Reply | None:
    """What says how to go on, or that something failed. That a paper was saved needs no words."""
    posts = tuple(post for post in reply.posts if isinstance(post, Notice) and _advises(post))
    return Reply(posts=posts) if posts else None


def _advises(notice: Notice) -> bool:
    return notice.tone in ("warning", "error") or (notice.tone == "info" and bool(notice.hints))


async def _advise(bench: Bench, to: Caller, advice: Reply) -> None:
    try:
        await whisper(bench, to, advice)
    except ERRORS as e:
        log.info("slack.advice_lost channel=%s reason=%s", to.channel, reason(e))


async def _known(bench: Bench, team: str, user: str) -> Person:
    """With the name that others see, since a team's list says who saved what."""
    return person(team, user, (await bench.people.profile(team, user)).name)


EVENTS: Mapping[str, Hear] = {"reaction_added": reacted, "reaction_removed": reacted}


# --- what we missed


async def catch_up(bench: Bench) -> int:
    """Read the reactions to our recent digests; how many papers were saved or unsaved by that."""
    changed, futile = 0, set[str]()
    for shown in await bench.desk.recent(PLATFORM):
        team = shown.message.channel.workspace.id
        if team in futile or not recent(shown.message.id, bench.clock()):
            continue
        try:
            standing = await _standing(bench, team, shown.message)
            changed += await bench.desk.reconcile(shown.message, standing)
        except (*ERRORS, PaperbotError) as e:
            log.warning("slack.reactions_unread message=%s reason=%s", shown.message, reason(e))
            if code_of(e) in FUTILE:
                futile.add(team)
    return changed


def recent(ts: str, now: datetime) -> bool:
    """Whether a message is young enough; its ts is the second of its birth."""
    try:
        return now - datetime.fromtimestamp(float(ts), UTC) <= LOOK_BACK
    except (ValueError, OverflowError, OSError):
        return False


async def _standing(bench: Bench, team: str, where: Message) -> Sequence[Reaction]:
    answer = await bench.api.read(
        team, "reactions.get", channel=where.channel.id, timestamp=where.id, full=True
    )
    ours = (await bench.api.grants.of(team)).bot_user
    return [
        Reaction(message=where, person=await _known(bench, team, user), emoji=one["name"])
        for one in (answer.get("message") or {}).get("reactions") or ()
        if bench.desk.saves(one["name"])
        for user in one.get("users") or ()
        if user != ours
    ]
