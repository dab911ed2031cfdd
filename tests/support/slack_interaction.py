"""Something that a person did, on its way to the app; and what came of it."""

from dataclasses import dataclass, field, replace
from typing import Any

from tests.support.slack_clock import Pulse
from tests.support.slack_errors import Refused
from tests.support.slack_hooks import say
from tests.support.slack_rules import check_message
from tests.support.slack_state import Message, Place, Team, User
from tests.support.slack_transport import Ack, Envelope, Transport, Undeliverable
from tests.support.slack_world import Hook, View, World


@dataclass
class Interaction:
    """Something that somebody did, and what came of it."""

    envelope: Envelope
    team: str
    pulse: Pulse
    hook: Hook | None = None
    acked: Ack | None = None
    error: str = ""
    """What the person reads when it did not work: operation_timeout, dispatch_failed, …"""
    views: list[View] = field(default_factory=list)
    shown: Message | None = None
    """The message that came with the ack itself."""

    @property
    def payload(self) -> dict[str, Any]:
        return self.envelope.payload

    @property
    def id(self) -> str:
        """By which a repetition is known: event_id or trigger_id."""
        return str(self.payload.get("event_id") or self.payload.get("trigger_id") or "")

    @property
    def acked_after(self) -> float:
        """Seconds. Raises AssertionError."""
        assert self.acked, f"never acknowledged: {self.error}"
        return self.acked.after

    @property
    def ack(self) -> Any:
        """What came with the ack, None when nothing did. Raises AssertionError."""
        assert self.acked, f"never acknowledged: {self.error}"
        return self.acked.body

    @property
    def answers(self) -> list[dict[str, Any]]:
        """What came to its response_url."""
        return self.hook.answers if self.hook else []

    async def answered(self, n: int = 1, within: float = 3.0) -> list[dict[str, Any]]:
        """At least so many answers. Raises TimeoutError."""
        await self.pulse.until(lambda: len(self.answers) >= n, within)
        return self.answers


class Sender:
    """Hands to the app what happens in a World."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.transport: Transport
        self.patience = 3.0
        """docs.slack.dev/interactivity/handling-user-interaction: acked within 3 seconds, or it failed."""
        self.undelivered: list[Interaction] = []
        """Events that nobody acknowledged; Slack tries them again."""

    # --- how it reaches the app

    async def _interacts(
        self,
        team: Team,
        kind: str,
        payload: dict[str, Any],
        user: User,
        *,
        place: Place | None = None,
        source: Message | None = None,
        view: View | None = None,
    ) -> Interaction:
        """With a trigger, and a response_url where there is a conversation."""
        payload["trigger_id"] = self.world.trigger(
            team.id, user.id, view.id if view else "", place.id if place else ""
        )
        hook = self.world.hook(team.id, user.id, place.id, source) if place else None
        if hook:
            payload["response_url"] = self.world.url(hook)
        done = await self.interact(team, kind, payload, hook)
        if kind == "slash_commands" and done.acked and done.ack and hook:
            self._shows(done, hook)
        return done

    def _shows(self, done: Interaction, hook: Hook) -> None:
        """A command's ack may be a message."""
        body = done.ack if isinstance(done.ack, dict) else {"text": str(done.ack)}
        try:
            check_message(body)
            done.shown = say(self.world, hook, body)
        except Refused as error:
            done.error = error.code

    async def interact(
        self, team: Team, kind: str, payload: dict[str, Any], hook: Hook | None = None
    ) -> Interaction:
        """Send it as it is, and wait for the ack as long as Slack does."""
        envelope = Envelope(self.world.clock.id("env"), kind, payload)
        return await self.send(Interaction(envelope, team.id, self.world.pulse, hook))

    async def send(self, done: Interaction) -> Interaction:
        """Deliver, and note how it went."""
        try:
            ack = await self.transport.deliver(done.envelope, self.patience)
            if 200 <= ack.status < 300:
                done.acked = ack
            else:
                done.error = f"http_error {ack.status}"
                if ack.headers.get("x-slack-no-retry") == "1":
                    return done
        except TimeoutError:
            done.error = "operation_timeout"
        except Undeliverable as error:
            done.error = f"dispatch_failed: {error}"
        if done.envelope.kind == "events_api":
            self._keep_for_later(done)
        self.world.pulse.beat()
        return done

    def _keep_for_later(self, done: Interaction) -> None:
        if done in self.undelivered:
            self.undelivered.remove(done)
        if not done.acked:
            self.undelivered.append(done)

    async def repeat(self, done: Interaction, reason: str = "timeout") -> Interaction:
        """The same again, as Slack sends what it thinks was not heard: in a new envelope, with the same ids."""
        envelope = replace(
            done.envelope,
            id=self.world.clock.id("env"),
            attempt=done.envelope.attempt + 1,
            reason=reason,
        )
        return await self.send(Interaction(envelope, done.team, done.pulse, done.hook))

    async def redeliver(self) -> list[Interaction]:
        """Events that nobody acknowledged come again."""
        waiting, self.undelivered = self.undelivered, []
        return [await self.repeat(done) for done in waiting]

    def _scene(self, team: str, user: str, channel: str) -> tuple[Team, User, Place]:
        there = self.world.teams[team]
        place = there.places[channel]
        assert place.has(user), f"{user} is not in {channel}"
        return there, there.users[user], place

    def _message(self, place: Place, message: Message | str) -> Message:
        if isinstance(message, str):
            return place.message(message)
        assert not message.deleted, "that message is gone"
        return message
