"""email: papers by e-mail, to whoever confirms that they want them."""

import re
from dataclasses import dataclass, replace
from datetime import date

from bot.commands.room import Room
from bot.commands.shared import ago
from bot.commands.spec import Answer, Command, Parameter, Request
from bot.commands.subscriptions import first, in_words, state
from bot.commands.terms import PARAMETERS, terms_of
from bot.commands.values import Choice, echo, starting
from bot.domain.errors import NotAllowed, UserError
from bot.domain.mailing import LASTS, OFF, Consent, Mailroom, mail_channel
from bot.domain.people import Channel
from bot.domain.posts import Notice, Panel, Row
from bot.domain.subscriptions import Edition, Layout

CONFIRM, STOP = "confirm", "off"
ME, CHANNEL = "me", "channel"
EDITIONS = (Edition.DAILY, Edition.WEEKLY)
TERMS = ("at", "tz", "on", "top", "include", "exclude", "min")
_SYNONYMS = {"stop": STOP, "unsubscribe": STOP, "end": STOP}
_CODE = re.compile(r"\d{3}[ -]?\d{3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Code:
    """What somebody read in a mail."""

    digits: str


@dataclass(frozen=True, slots=True)
class MailWord:
    """An address, an edition, a code, or what to do with these: whichever it is shows."""

    words: tuple[str, ...]
    hint: str

    def parse(self, text: str, _today: date) -> Channel | Edition | Code | str:
        if "@" in text:
            return mail_channel(text)
        if _CODE.fullmatch(text):
            return Code(re.sub(r"\D", "", text))
        word = _SYNONYMS.get(text.lower(), text.lower())
        if word in set(EDITIONS):
            return Edition(word)
        if word in (CONFIRM, STOP):
            return word
        raise UserError(f"{echo(text)} does not fit here; write {self.hint}.")

    def format(self, value: Channel | Edition | Code | str) -> str:
        if isinstance(value, Channel):
            return value.id
        return value.digits if isinstance(value, Code) else str(value)

    def suggest(self, prefix: str) -> list[str]:
        return starting(prefix, self.words)


async def email(room: Room, request: Request) -> Answer:
    """Ask for mail, confirm it, see what is on, end it."""
    mail = room.mail
    if mail is None:
        raise UserError(OFF)
    given = [request.values[name] for name in ("address", "then") if name in request.values]
    address = next((one for one in given if isinstance(one, Channel)), None)
    code = next((one for one in given if isinstance(one, Code)), None)
    if code or CONFIRM in given:
        return await _confirm(room, mail, request, code)
    if STOP in given:
        return await _stop(room, mail, request, address)
    if address:
        edition = next((one for one in given if isinstance(one, Edition)), Edition.DAILY)
        return await _invite(room, mail, request, address, edition)
    if given:
        raise UserError(f"Which address? For example {room.says(f'email me@lab.org {given[0]}')}.")
    return await _show(room, mail, request)


async def _invite(
    room: Room, mail: Mailroom, request: Request, address: Channel, edition: Edition
) -> Answer:
    shared = request.one("for", str) == CHANNEL
    if shared and not request.caller.admin:
        raise NotAllowed(
            "Only people who may manage this channel can ask for mail in its name; leave out `for:` to ask for "
            "yourself."
        )
    terms = terms_of(request, edition)
    if room.defaults.layout is not Layout.DIGEST:
        terms = replace(terms, layout=Layout.DIGEST)  # one mail, whatever channels get
    arrived = await mail.invite(
        request.caller.person,
        request.caller.channel,
        address,
        edition=edition,
        terms=terms,
        shared=shared,
        command=room.command,
    )
    text = f"I asked `{address.id}` whether it wants mail."
    if not arrived:
        text = (
            f"I asked `{address.id}` whether it wants mail, but cannot tell whether that arrived."
        )
    hints = (
        f"Open that mail and confirm, or type its code here: {room.says('email confirm 123456')}.",
        f"It is good for {LASTS}; before that nothing else is sent there.",
    )
    return Notice(text=text, tone="done" if arrived else "warning", hints=hints)


async def _confirm(room: Room, mail: Mailroom, request: Request, code: Code | None) -> Answer:
    if code is None:
        raise UserError(f"Type the code that is in the mail: {room.says('email confirm 123456')}.")
    order = await mail.confirm(request.caller.person, code.digits)
    text = f"`{order.channel.id}` gets papers: {in_words(room, order)}. {first(room, order)}"
    hint = f"{room.says(f'email off {order.channel.id}')}, or a click in any of the mails, ends it."
    return Notice(text=text, tone="done", hints=(hint,))


async def _stop(room: Room, mail: Mailroom, request: Request, address: Channel | None) -> Answer:
    theirs = await _theirs(mail, request)
    there = list(dict.fromkeys(consent.address for consent in theirs))
    if address is None and len(there) > 1:
        named = ", ".join(room.says(f"email off {one.id}") for one in there)
        raise UserError(f"Which one? {named}.")
    ending = address or (there[0] if there else None)
    if ending is None or ending not in there:
        which = f"to `{address.id}` " if address else ""
        raise UserError(
            f"There is no mail {which}that you could end here. {room.says('email')} lists what you can; in the mails "
            "themselves there is a link that ends them, whoever asked."
        )
    await mail.end(ending)
    return Notice(text=f"`{ending.id}` gets no more mail from me.", tone="done")


async def _show(room: Room, mail: Mailroom, request: Request) -> Answer:
    rows = [row for consent in await _theirs(mail, request) for row in await _rows(room, consent)]
    for one in await mail.waiting(request.caller.person):
        asked = f"{one.edition}; not confirmed yet, asked {ago(one.at, room.clock())}"
        rows.append(Row(one.address.id, asked))
    ask = f"{room.says('email me@lab.org weekly')} asks for papers by e-mail."
    if not rows:
        return Notice(text="You get no papers by e-mail.", hints=(ask,))
    return Panel(
        title="Papers by e-mail",
        rows=tuple(rows),
        notes=(f"{room.says('email off me@lab.org')} ends it. {ask}",),
    )


async def _rows(room: Room, consent: Consent) -> list[Row]:
    """What an address gets, or that it could."""
    there = await room.subscriptions.of(consent.address)
    there = [one for one in there if not one.private]  # `follow` and `me` tell about these
    whose = " (for this channel)" if consent.shared else ""
    said = [f"{state(room, one)}{whose}" for one in there] or [f"confirmed, nothing ordered{whose}"]
    return [Row(consent.address.id, text) for text in said]


async def _theirs(mail: Mailroom, request: Request) -> list[Consent]:
    """What the caller may end; those who manage the channel, what is for it too."""
    caller = request.caller
    return [*await mail.consents(caller.person, caller.channel if caller.admin else None)]


COMMANDS = (
    Command(
        name="email",
        summary="Papers by e-mail, daily or weekly; the address is asked first",
        run=email,
        parameters=(
            Parameter(
                name="address",
                help="Where to; or confirm, or off. Nothing shows what is on",
                type=MailWord((CONFIRM, STOP), hint=f"an address, `{CONFIRM}` or `{STOP}`"),
                positional=True,
            ),
            Parameter(
                name="then",
                help="daily or weekly; after confirm the code, after off the address",
                type=MailWord(EDITIONS, hint="daily, weekly, the code of a mail, or an address"),
                positional=True,
            ),
            Parameter(
                name="for",
                help="Me, or this channel, for those who manage it: an e-mail list",
                type=Choice((ME, CHANNEL)),
            ),
            *(one for one in PARAMETERS if one.name in TERMS),
        ),
        aliases=("mail",),
        examples=(
            "email me@lab.org weekly on:mon at:08:00 tz:Europe/Berlin",
            "email confirm 123456",
            "email off me@lab.org",
        ),
    ),
)
