"""What happens in Slack apart from commands and controls: events of the Events API."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from tests.support import slack_payloads as payloads
from tests.support.slack_chat import reaction_event, unreacted
from tests.support.slack_gestures import Gestures
from tests.support.slack_interaction import Interaction
from tests.support.slack_state import Message, Place
from tests.support.slack_views import home_of, payload_of
from tests.support.slack_world import World

LETTER = {"channel": "C", "group": "G", "im": "D", "mpim": "G"}


class Happenings(Gestures):
    """People react, invite and throw out; workspaces end. The app hears of it if it may."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._tasks: set[asyncio.Task[Any]] = set()
        self.world.emit = lambda team, event: self._start(self.event(team, event))

    def _start(self, work: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def event(self, team: str, inner: dict[str, Any]) -> Interaction:
        """Any event at all; what is missing of the usual facts is filled in."""
        there = self.world.teams[team]
        inner = {"event_ts": self.world.clock.ts(), **inner}
        id = self.world.clock.id("Ev")
        told = payloads.event(there, inner, id, self.world.clock.now())
        return await self.interact(there, "events_api", told)

    # --- reactions

    async def react(self, team: str, user: str, message: Message, emoji: str) -> Interaction | None:
        """None when the app does not hear of it."""
        users = message.reactions.setdefault(emoji.strip(":"), [])
        assert user not in users, "they have already reacted so"
        users.append(user)
        return await self._reaction(team, user, message, emoji, added=True)

    async def unreact(
        self, team: str, user: str, message: Message, emoji: str
    ) -> Interaction | None:
        """None when the app does not hear of it."""
        unreacted(message, user, emoji.strip(":"))
        return await self._reaction(team, user, message, emoji, added=False)

    async def _reaction(
        self, team: str, user: str, message: Message, emoji: str, *, added: bool
    ) -> Interaction | None:
        there = self.world.teams[team]
        self.world.pulse.beat()
        member = there.places[message.channel].member
        if there.gone or message.ephemeral or not member or "reactions:read" not in there.scopes:
            return None
        told = reaction_event(message, user, emoji.strip(":"), added=added)
        return await self.event(team, told | {"event_ts": self.world.clock.ts()})

    # --- where the bot is

    async def invite(self, team: str, channel: str, inviter: str) -> Interaction:
        """Somebody invites the bot."""
        place = self.world.place(team, channel)
        place.member = True
        bot = self.world.teams[team].bot_user
        told = {"type": "member_joined_channel", "user": bot, "inviter": inviter, "team": team}
        told |= {"channel": place.id, "channel_type": LETTER[place.kind]}
        return await self.event(team, told)

    async def joins(self, team: str, channel: str, user: str) -> Interaction:
        """Somebody else joins."""
        place = self.world.place(team, channel)
        if place.members:
            place.members.add(user)
        told = {"type": "member_joined_channel", "user": user, "team": team}
        return await self.event(
            team, told | {"channel": place.id, "channel_type": LETTER[place.kind]}
        )

    async def kick(self, team: str, channel: str, actor: str = "") -> Interaction:
        """Somebody removes the bot, which is told so as the one who left."""
        place = self.world.place(team, channel)
        place.member = False
        kind = "group_left" if place.private else "channel_left"
        return await self.event(team, {"type": kind, "channel": place.id, "actor_id": actor})

    async def archive(self, team: str, channel: str, user: str) -> Interaction:
        """Somebody archives a channel."""
        place = self.world.place(team, channel)
        place.archived = True
        return await self.event(team, self._fate(place, "archive") | {"user": user})

    async def unarchive(self, team: str, channel: str, user: str) -> Interaction:
        """Somebody brings an archived channel back."""
        place = self.world.place(team, channel)
        place.archived = False
        return await self.event(team, self._fate(place, "unarchive") | {"user": user})

    async def delete_channel(self, team: str, channel: str) -> Interaction:
        """Somebody deletes a channel for good."""
        place = self.world.place(team, channel)
        place.deleted = True
        return await self.event(team, self._fate(place, "deleted"))

    def _fate(self, place: Place, what: str) -> dict[str, Any]:
        kind = "group" if place.private else "channel"
        return {"type": f"{kind}_{what}", "channel": place.id}

    # --- whole workspaces

    async def uninstall(self, team: str) -> list[Interaction]:
        """An admin removes the app: two events, in no order that is promised."""
        there = self.world.teams[team]
        there.gone = "account_inactive"
        revoked = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [there.bot_user]}}
        return [
            await self.event(team, revoked),
            await self.event(team, {"type": "app_uninstalled"}),
        ]

    async def home_opened(self, team: str, user: str, tab: str = "home") -> Interaction:
        """Somebody looks at our Home or Messages tab."""
        there = self.world.teams[team]
        told: dict[str, Any] = {"type": "app_home_opened", "user": user, "tab": tab}
        told["channel"] = there.direct(user).id
        told["event_ts"] = self.world.clock.ts()
        if tab == "home" and (view := home_of(self.world, team, user)):
            told["view"] = payload_of(view, self.world)
        return await self.event(team, told)

    async def share(
        self, team: str, user: str, channel: str, *links: str, thread_ts: str = ""
    ) -> Message:
        """Somebody posts links, and the app is asked whether it wants to unfurl them."""
        there, place = self.world.teams[team], self.world.place(team, channel)
        said = {"text": " ".join(f"<{link}>" for link in links), "thread_ts": thread_ts or None}
        message = self.world.post(there, place, said, user=user, bot_id="")
        told: dict[str, Any] = {"type": "link_shared", "user": user, "channel": place.id}
        told |= {"message_ts": message.ts, "unfurl_id": f"{place.id}.{message.ts}.x"}
        told |= {"source": "conversations_history", "is_bot_user_member": place.member}
        told["links"] = [{"url": link, "domain": link.split("/")[2]} for link in links]
        if thread_ts:
            told["thread_ts"] = thread_ts
        await self.event(team, told)
        return message

    async def says(
        self, team: str, user: str, channel: str, text: str, thread_ts: str = ""
    ) -> Message:
        """Somebody writes; the app hears nothing of it."""
        said = {"text": text, "thread_ts": thread_ts or None}
        there, place = self.world.teams[team], self.world.place(team, channel)
        return self.world.post(there, place, said, user=user, bot_id="")
