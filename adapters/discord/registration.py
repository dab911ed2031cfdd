"""Telling Discord our commands: only when they changed, since there is a limit of 200 a day and server."""

import hashlib
import json
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import discord
from discord import app_commands

log = logging.getLogger(__name__)

Tree = app_commands.CommandTree[Any]


def fingerprint(tree: Tree, application: int | None, guilds: Iterable[int]) -> str:
    """Another one whenever something would be told to Discord that it does not know."""
    commands = sorted(json.dumps(one.to_dict(tree), sort_keys=True) for one in tree.get_commands())
    whole = json.dumps([application, sorted(guilds), commands])
    return hashlib.sha256(whole.encode()).hexdigest()


async def register(tree: Tree, guilds: Iterable[int]) -> int:
    """Tell Discord all commands, for these servers or for all; how many there are."""
    guilds = tuple(guilds)
    told = 0
    for id in guilds:
        guild = discord.Object(id)
        tree.copy_global_to(guild=guild)
        told = len(await tree.sync(guild=guild))
    return told if guilds else len(await tree.sync())


async def register_changes(
    tree: Tree, application: int | None, guilds: Iterable[int], file: Path | None
) -> None:
    """Tell Discord what is new since the last time; the file remembers that. A failure is only logged."""
    guilds = tuple(guilds)
    print = fingerprint(tree, application, guilds)
    if _known(file) == print:
        return
    try:
        told = await register(tree, guilds)
    except (discord.HTTPException, app_commands.AppCommandError) as e:
        log.error("discord.unregistered reason=%s", e)  # noqa: TRY400 -- an operator needs one line
        return
    except Exception:
        log.exception("discord.unregistered")
        return
    log.info("discord.registered commands=%d", told)
    _know(file, print)


def _known(file: Path | None) -> str:
    try:
        return file.read_text().strip() if file else ""
    except OSError:
        return ""


def _know(file: Path | None, print: str) -> None:
    if file is None:
        return
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(print + "\n")
    except OSError as e:
        log.warning("discord.registration_unwritten reason=%s", e)
