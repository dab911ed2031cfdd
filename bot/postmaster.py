"""Who gets mail: an address is asked first, and can leave at any time with one click."""

import hmac
import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot import tickets
from bot.domain.errors import (
    ChannelRefused,
    ContentRefused,
    DeliveryError,
    OutcomeUnknown,
    StorageError,
    UserError,
    WorkspaceRefused,
)
from bot.domain.mailing import (
    LASTS,
    OFF,
    Consent,
    Excess,
    Invitation,
    Inviting,
    Letter,
    Limits,
    Mailing,
    Registered,
)
from bot.domain.people import Channel, Person
from bot.domain.ports import Door
from bot.domain.stores import Subscriptions
from bot.domain.subscriptions import STANDARD, Edition, Manner, Subscription, Terms
from bot.schedule import next_run

log = logging.getLogger(__name__)

GOOD_FOR = timedelta(hours=24)
PER_ADDRESS = 3
"""Invitations to an address a day: nobody can fill somebody's inbox with them."""
PER_PERSON = 10
GUESSES = 5
"""Codes that may be tried; six digits are guessed in one of 200,000 days."""
_CONFIRM, _LEAVE = "confirm", "leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Postmaster:
    """`bot.domain.mailing.Mailroom`."""

    mailing: Mailing
    subscriptions: Subscriptions
    clock: Callable[[], datetime]
    new_id: Callable[[], str]
    """A long one, at random."""
    inviter: Inviting | None = None
    """None where e-mail is off."""
    defaults: Terms = field(default_factory=lambda: STANDARD)

    # --- asking

    async def invite(
        self,
        person: Person,
        channel: Channel,
        address: Channel,
        *,
        edition: Edition,
        terms: Terms,
        shared: bool,
        command: str,
    ) -> bool:
        """Ask an address; False when the question may not have arrived. Raises UserError."""
        if self.inviter is None:
            raise UserError(OFF)
        invitation = Invitation(
            id=await self._free_id(),
            address=address,
            person=person,
            channel=channel,
            shared=shared,
            edition=edition,
            terms=terms,
            at=self.clock(),
        )
        if excess := await self.mailing.invite(invitation, self._limits()):
            raise UserError(_too_many(excess, address))
        return await self._send(self.inviter, invitation, command)

    async def _send(self, inviter: Inviting, invitation: Invitation, command: str) -> bool:
        secret = await self.mailing.secret()
        letter = Letter(
            invitation=invitation,
            ticket=tickets.issue(secret, _CONFIRM, invitation.id),
            code=tickets.code(secret, invitation.id),
            command=command,
            lasts=LASTS,
        )
        try:
            await inviter.invite(letter)
        except OutcomeUnknown:
            return False
        except WorkspaceRefused as e:
            log.error("mail.refused reason=%s", e)  # noqa: TRY400 -- one line for the operator
            await self.mailing.withdraw(invitation.id)
            raise UserError(
                "The mail server does not take my mail; whoever runs the bot finds the reason in its log."
            ) from e
        except (ChannelRefused, ContentRefused) as e:
            raise UserError(f"The mail to `{invitation.address.id}` was refused. {e}") from e
        except DeliveryError as e:
            raise UserError(
                f"The mail server cannot take mail just now. {e} Please try again in a few minutes."
            ) from e
        return True

    async def _free_id(self) -> str:
        """One whose subscription would have an id of its own."""
        while await self.subscriptions.get(_order_id(id := self.new_id())):
            pass
        return id

    def _limits(self) -> Limits:
        return Limits(self.clock() - GOOD_FOR, PER_ADDRESS, PER_PERSON, GUESSES)

    # --- saying yes

    async def confirm(self, person: Person, code: str) -> Subscription:
        """The yes of somebody who types the code. Raises UserError."""
        limits = self._limits()
        if not await self.mailing.waiting(person, limits.since):
            raise UserError(
                f"No address of yours waits for a code. A code is good for {LASTS}, and only for whoever asked."
            )
        secret = await self.mailing.secret()
        open = await self.mailing.guess(person, limits)
        if not open:
            raise UserError(
                "That were too many wrong codes. Use the link in the mail, or ask anew."
            )
        for invitation in open:
            if hmac.compare_digest(tickets.code(secret, invitation.id), code):
                return await self._enrol(invitation)
        raise UserError("That is not the code in the mail; it has six digits. Please look again.")

    async def asked(self, ticket: str) -> Invitation | None:
        """The invitation that can be accepted with a ticket; None when there is none, or not any more."""
        id = tickets.read(await self.mailing.secret(), _CONFIRM, ticket)
        found = await self.mailing.invitation(id) if id else None
        if found is None or found.closed_at or found.at <= self.clock() - GOOD_FOR:
            return None
        return found

    async def accept(self, ticket: str) -> Subscription | None:
        """Say yes; what will come now. None as above."""
        invitation = await self.asked(ticket)
        return await self._enrol(invitation) if invitation else None

    async def _enrol(self, invitation: Invitation) -> Subscription:
        """The order first, then the yes: whoever dies between them can be asked once more."""
        now = self.clock()
        for standing in await self.subscriptions.of(invitation.address):
            if standing.edition is invitation.edition and not standing.declared:
                upcoming = self._next(invitation, now)
                await self.subscriptions.replace_terms(standing.id, invitation.terms, upcoming)
                await self.subscriptions.resume(standing.id, upcoming)
                break
        else:
            await self._order(invitation, now)
        await self.mailing.accept(invitation.id, now)
        there = await self.subscriptions.of(invitation.address)
        return next(one for one in there if one.edition is invitation.edition)

    async def _order(self, invitation: Invitation, now: datetime) -> None:
        subscription = Subscription(
            id=_order_id(invitation.id),
            channel=invitation.address,
            edition=invitation.edition,
            terms=invitation.terms,
            created_by=invitation.person,
            created_at=now,
            next_run_at=self._next(invitation, now),
        )
        try:
            await self.subscriptions.add(subscription)
        except StorageError:  # perhaps the link and the code were used at once
            if await self.subscriptions.get(subscription.id) is None:
                raise

    def _next(self, invitation: Invitation, now: datetime) -> datetime:
        return next_run(invitation.edition, invitation.terms.resolved(self.defaults), now)

    # --- what is on, and its end

    async def agreed(self, address: Channel) -> bool:
        """Whether this address wants mail."""
        return await self.mailing.agreed(address)

    async def consents(self, person: Person, channel: Channel | None) -> Sequence[Consent]:
        """What somebody may end: theirs, and with a channel what is for it."""
        return await self.mailing.consents(person, channel)

    async def waiting(self, person: Person) -> Sequence[Invitation]:
        """Addresses that have not answered yet."""
        return await self.mailing.waiting(person, self.clock() - GOOD_FOR)

    async def end(self, address: Channel) -> None:
        """No more mail to it, whoever asked for it."""
        for order in await self.subscriptions.of(address):
            if order.edition is Edition.FOLLOW and order.private:
                await self._let_be(order)
            elif not order.declared:
                await self.subscriptions.remove(order.id)
        await self.mailing.end(address, self.clock())

    async def _let_be(self, order: Subscription) -> None:
        """What somebody follows is kept for them, and off until they say how it shall reach them."""
        terms = replace(order.terms, manner=Manner.OFF)
        now = self.clock()
        upcoming = next_run(order.edition, terms.resolved(self.defaults), now)
        await self.subscriptions.redirect(order.id, order.channel, terms, upcoming)

    async def way_out(self, address: Channel) -> str:
        """The ticket that ends all mail to an address; the same, and good, for ever."""
        return tickets.issue(await self.mailing.secret(), _LEAVE, str(address))

    async def leaving(self, ticket: str) -> Channel | None:
        """The address whose way out this is; None when it is nobody's."""
        address = tickets.read(await self.mailing.secret(), _LEAVE, ticket)
        return Channel.parse(address) if address else None

    async def leave(self, ticket: str) -> Channel | None:
        """End all mail to it; any number of times."""
        address = await self.leaving(ticket)
        if address:
            await self.end(address)
            log.info("mail.left address=%s", address)
        return address


def appoint(
    mailing: Mailing,
    subscriptions: Subscriptions,
    doors: Iterable[Door],
    *,
    clock: Callable[[], datetime],
    defaults: Terms,
) -> Postmaster:
    """One that asks through whichever of the doors can, and is known to those that write only to who agreed."""
    doors = list(doors)
    messengers = [door.messenger for door in doors]
    postmaster = Postmaster(
        mailing=mailing,
        subscriptions=subscriptions,
        clock=clock,
        new_id=lambda: secrets.token_hex(16),
        inviter=next((one for one in messengers if isinstance(one, Inviting)), None),
        defaults=defaults,
    )
    for door in doors:
        if isinstance(door, Registered):
            door.register(postmaster)
    return postmaster


def _order_id(id: str) -> str:
    """Short, since people type it, and always the same: a yes said twice is one order."""
    return f"m{id[:7]}"


def _too_many(excess: Excess, address: Channel) -> str:
    if excess is Excess.ADDRESS:
        return (
            f"`{address.id}` has been asked {PER_ADDRESS} times within {LASTS}, and that is the most. "
            "Look for the mail in its inbox and its spam folder, or try again tomorrow."
        )
    return f"You have asked {PER_PERSON} times within {LASTS}, and that is the most. Try again tomorrow."
