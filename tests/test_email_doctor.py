"""What `paperbot doctor` says of e-mail."""

from pathlib import Path

from bot.domain.mailing import mail_channel
from tests.support.mail_stage import mail_stage
from tests.support.smtp import mail_server

ME = mail_channel("me@lab.org")


async def test_doctor_looks_at_everything(tmp_path: Path) -> None:
    """Connection, user, sender, links, and who has not agreed."""
    async with mail_stage(tmp_path, "starttls") as o:
        found = [check async for check in o.door.check([ME])]
        assert [(one.name, one.fine) for one in found] == [
            ("E-mail", True),
            ("E-mail from", True),
            ("E-mail links", True),
            ("E-mail", False),
        ]
        o.server.answers("MAIL", "550 5.7.1 not from you")
        wrong = [check async for check in o.door.check([]) if not check.fine]
        assert "email.from" in wrong[0].text
        o.server.passwords.clear()
        (wrong_password,) = [check async for check in o.door.check([])]
        assert "PAPERBOT_EMAIL_PASSWORD" in wrong_password.text


async def test_doctor_misses_the_links() -> None:
    """Without https there is no one click."""
    from adapters.email.letterbox import EmailDoor

    async with mail_server("plain", auth=False, url="") as server:
        door = EmailDoor(server.settings)
        found = [check async for check in door.check([])]
        assert [one.name for one in found if not one.fine] == ["E-mail links"]
        assert door.pages == {}
