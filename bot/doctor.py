"""What an operator asks about the bot's surroundings: is everything there, and how does it get in?"""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import typer

from bot.app import hugging_face
from bot.commands.catalogue import COMMANDS
from bot.config import Config
from bot.domain.checks import Check, Checked
from bot.domain.errors import ConfigError, NotYet, PaperbotError, Unavailable
from bot.domain.papers import Listing
from bot.domain.people import Channel
from bot.domain.ports import Door, Installable
from bot.doors import open_doors, plain
from bot.postmaster import appoint
from storage import Storage, open_storage

PATIENCE = 5.0


async def doctor(config: Callable[[], Config]) -> int:
    """One line for each thing looked at, with the fix where it is wrong; the exit status is 1 then."""
    wrong = 0
    async for check in checks(config):
        wrong += not check.fine
        typer.echo(f"{'✓' if check.fine else '✗'} {check.name}: {check.text}")
    return 1 if wrong else 0


async def checks(read: Callable[[], Config], patience: float = PATIENCE) -> AsyncIterator[Check]:
    """Everything that can be looked at, in order; Hugging Face has `patience` seconds to answer."""
    try:
        config = read()
        doors = open_doors(config)
    except PaperbotError as e:
        yield Check(name="Config", fine=False, text=str(e))
        return
    on = ", ".join(doors)
    text = f"switched on: {on}" if on else "nothing is switched on; config.example.toml shows how"
    yield Check(name="Config", fine=bool(on), text=text)
    async with AsyncExitStack() as stack:
        try:
            storage = await stack.enter_async_context(
                open_storage(
                    config.database_url, config.index, keys=config.keys, model=config.model
                )
            )
            yield await _of_database(storage)
            yield await _of_index(storage)
            if learned := await storage.search.learned():
                yield Check(name="Search model", fine=not learned.broken, text=str(learned))
            channels = await _channels(config, storage)
            _appoint(config, storage, doors.values())
        except PaperbotError as e:
            yield Check(name="Database", fine=False, text=str(e))
            storage, channels = None, [Channel.parse(one.channel) for one in config.subscription]
        yield await _of_hugging_face(config, patience)
        for name, door in doors.items():
            if storage and isinstance(door, Installable):
                door.host(storage.installations)
            if isinstance(door, Checked):
                there = [channel for channel in channels if channel.platform == name]
                async for check in door.check(there):
                    yield check


def _appoint(config: Config, storage: Storage, doors: Iterable[Door]) -> None:
    """Doors that write only to who agreed can see who that is."""
    appoint(
        storage.mailing,
        storage.subscriptions,
        doors,
        clock=lambda: datetime.now(UTC),
        defaults=config.defaults,
    )


async def _of_database(storage: Storage) -> Check:
    counts = await storage.archive.counts()
    text = f"{counts.papers} papers, {counts.saves} saves, {counts.subscriptions} subscriptions"
    return Check(name="Database", fine=True, text=text)


async def _of_index(storage: Storage) -> Check:
    indexed = await storage.search.catch_up()
    text = f"{indexed} papers were added to it just now" if indexed else "up to date"
    return Check(name="Search index", fine=True, text=text)


async def _channels(config: Config, storage: Storage) -> list[Channel]:
    """Those that have subscriptions, each once."""
    channels = [order.channel for order in await storage.subscriptions.all()]
    channels += [Channel.parse(one.channel) for one in config.subscription]
    return list(dict.fromkeys(channels))


async def _of_hugging_face(config: Config, patience: float) -> Check:
    try:
        async with hugging_face(config) as source:
            await source.fetch(Listing.day(datetime.now(UTC).date()), budget=patience)
    except NotYet:
        pass  # an answer too
    except Unavailable as e:
        return Check(name="Hugging Face", fine=False, text=f"{e} The archive is used meanwhile.")
    return Check(name="Hugging Face", fine=True, text=f"{config.huggingface.url} answers")


async def discord_sync(config: Config, guild: int | None) -> int:
    """Register the commands."""
    from adapters.discord.operate import sync

    typer.echo(await sync(_discord(config), COMMANDS, guild))
    return 0


async def discord_invite(config: Config) -> int:
    """Print the invitation."""
    from adapters.discord.operate import invite

    for line in await invite(_discord(config)):
        typer.echo(line)
    return 0


async def slack_manifest(config: Config, *, unfurl: bool, link: bool) -> int:
    """Print the manifest, or the link that carries it."""
    from adapters.slack.manifest import manifest_link, manifest_text

    make = manifest_link if link else manifest_text
    text = make(
        forms=COMMANDS,
        command=config.slack.command,
        url=config.web.url,
        socket=bool(config.slack.app_token) or not config.slack.signing_secret,
        unfurl=unfurl or config.slack.unfurl,
    )
    typer.echo(text)
    return 0


def _discord(config: Config) -> dict[str, object]:
    if config.discord.token is None:
        raise ConfigError("discord.token is not set: put it in the environment as DISCORD_TOKEN.")
    return plain(config.discord.model_dump())
