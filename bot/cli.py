"""The `paperbot` command. Everything heavy is imported by the command that needs it: --help stays quick."""

import asyncio
import logging
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.domain.errors import PaperbotError, UserError

if TYPE_CHECKING:
    from bot.config import Config

HELP = "Hugging Face Daily Papers in your team's chat: posted on time, searchable, saved with one emoji."

cli = typer.Typer(
    name="paperbot",
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings; config.toml here if it is there."),
]


@cli.callback(invoke_without_command=True)
def _front(
    context: typer.Context,
    config: ConfigFile = None,
    show_version: Annotated[bool, typer.Option("--version", help="Say which version.")] = False,
) -> None:
    if show_version:
        from importlib.metadata import version

        typer.echo(f"paperbot {version('paperbot')}")
        raise typer.Exit
    context.obj = config


def _settings(context: typer.Context, config: Path | None) -> "Config":
    """The file may be named before the subcommand or after it; after wins."""
    from bot.config import load

    return load(config or context.obj, os.environ)


@cli.command()
def demo() -> None:
    """Watch the bot do its whole job in this terminal. Nothing is kept."""
    from bot.demo import demo

    _go(demo())


@cli.command()
def run(context: typer.Context, config: ConfigFile = None) -> None:
    """Run the bot on every platform that is switched on."""
    from bot.operate import run

    _go(run(_settings(context, config)))


@cli.command()
def fetch(
    context: typer.Context,
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="First day.")] = "",
    last: Annotated[
        str, typer.Option("--to", metavar="DAY", help="Last day; today if left out.")
    ] = "",
    days: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="The last N days instead.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Fetch daily lists from Hugging Face into the archive. Can be stopped and run again."""
    from bot.operate import fetch

    _go(fetch(_settings(context, config), first, last, days or 0))


@cli.command("import")
def import_(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE", help="JSON or JSONL, also .gz.")
    ] = None,
    sample: Annotated[bool, typer.Option("--sample", help="The bundled sample feed.")] = False,
    config: ConfigFile = None,
) -> None:
    """Take papers from files of API JSON into the archive."""
    from bot.operate import import_files

    _go(import_files(_settings(context, config), files or [], sample=sample))


@cli.command()
def reindex(context: typer.Context, config: ConfigFile = None) -> None:
    """Build the search index anew from the database."""
    from bot.operate import reindex

    _go(reindex(_settings(context, config)))


@cli.command()
def migrate(
    context: typer.Context,
    to: Annotated[
        str, typer.Option("--to", metavar="URL", help="postgresql://user:password@host/database")
    ],
    config: ConfigFile = None,
) -> None:
    """Move the archive to another database, checked; can be broken off and run again. Stop the bot first."""
    from bot.operate import migrate

    _go(migrate(_settings(context, config), to))


@cli.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def paper(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where a file goes, an export for instance."),
    ] = None,
    config: ConfigFile = None,
) -> None:
    """A chat command, here: `paperbot paper search clip`, `paperbot paper export bibtex > refs.bib`."""
    from bot.shell import paper

    _go(paper(lambda: _settings(context, config), context.args, as_json=as_json, out=out))


@cli.command()
def doctor(context: typer.Context, config: ConfigFile = None) -> None:
    """Check config, database, index, Hugging Face, tokens and permissions."""
    from bot.doctor import doctor

    _go(doctor(lambda: _settings(context, config)))


discord = typer.Typer(
    help="Discord: register the commands, get the invitation.", no_args_is_help=True
)
cli.add_typer(discord, name="discord")


@discord.command("sync")
def discord_sync(
    context: typer.Context,
    guild: Annotated[
        int | None, typer.Option(min=1, metavar="ID", help="Only for this server.")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Register the commands with Discord now; `run` does so by itself when they changed."""
    from bot.doctor import discord_sync

    _go(discord_sync(_settings(context, config), guild))


@discord.command("invite")
def discord_invite(context: typer.Context, config: ConfigFile = None) -> None:
    """Print the link that adds the bot to a server, and what it asks for."""
    from bot.doctor import discord_invite

    _go(discord_invite(_settings(context, config)))


slack = typer.Typer(help="Slack: the app's manifest.", no_args_is_help=True)
cli.add_typer(slack, name="slack")


@slack.command("manifest")
def slack_manifest(
    context: typer.Context,
    unfurl: Annotated[bool, typer.Option("--unfurl", help="With what link previews take.")] = False,
    link: Annotated[
        bool, typer.Option("--link", help="Print a link that makes the app instead.")
    ] = False,
    config: ConfigFile = None,
) -> None:
    """Print the app manifest for api.slack.com/apps; no token is needed for it."""
    from bot.doctor import slack_manifest

    _go(slack_manifest(_settings(context, config), unfurl=unfurl, link=link))


@cli.command()
def key() -> None:
    """Print a new key for PAPERBOT_KEYS, which encrypts the tokens of workspaces."""
    from storage.sealing import new_key

    typer.echo(new_key())


def _go(work: Coroutine[None, None, int]) -> None:
    """Run to the end; the number is the exit status. Only `run` has a log of its own."""
    logging.basicConfig(level=logging.ERROR, format="paperbot: %(message)s")
    if status := asyncio.run(work):
        raise typer.Exit(status)


def main() -> None:
    """Run the command line; what people can mend is told in one line, without a traceback."""
    try:
        cli()
    except UserError as e:
        _fail(str(e), 2)
    except PaperbotError as e:
        _fail(str(e), 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def _fail(message: str, status: int) -> None:
    typer.echo(f"paperbot: {message}", err=True)
    sys.exit(status)
