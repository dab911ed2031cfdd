"""Asking for papers by e-mail is the same in a terminal, in Discord and in Slack."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.email.letterbox import EmailDoor
from bot.domain.papers import Listing
from bot.domain.ports import Desk, Door
from tests.support.scenario import Stage, in_discord, in_slack, in_terminal
from tests.support.smtp import mail_server
from tests.support.world import at, some


@dataclass
class WithMail(Stage):
    """One that can write mails, too."""

    mail: Any = None

    @asynccontextmanager
    async def runs(self, doors: Mapping[str, Door], **settings: Any) -> AsyncIterator[Desk]:
        async with super().runs({**doors, "email": self.mail}, **settings) as desk:
            yield desk


@pytest.mark.parametrize("place", [in_terminal, in_discord, in_slack])
async def test_papers_come_by_mail_to_whoever_confirms(place: Any, tmp_path: Path) -> None:
    """Asked for in a chat, confirmed there by the code, delivered, shown, and ended."""
    async with mail_server("starttls") as server:
        stage = WithMail(tmp_path, mail=EmailDoor(server.settings))
        stage.source.publish(Listing.day(at("2025-05-22").date()), *some(3, "2025-05-22"))
        async with place(stage) as chat:
            said = await chat.asks("email", address="me@lab.org", then="daily")
            assert "I asked" in said
            assert "me@lab.org" in said
            code = str(server.arrived[0]["Subject"])[:6]
            assert "09:00 UTC" in await chat.asks("email", address="confirm", then=code)
            await stage.tick("2025-05-23 09:00")
            assert server.arrived[1]["Subject"] == "Daily Papers · Thursday 22 May 2025"
            assert "me@lab.org" in await chat.asks("email")
            assert "no more mail" in await chat.asks("email", address="off")
            await stage.tick("2025-05-24 09:00")
            assert len(server.arrived) == 2
        await stage.mail.messenger.close()
