"""Posts in forums and threads: their names and their tags. Pure."""

import re
from collections.abc import Sequence
from datetime import datetime

import discord

from adapters.discord.limits import TAGS, THREAD_NAME
from adapters.discord.text import clean
from bot.domain.posts import Digest, Panel, PaperCard, PaperList, Post, entries_of

_FITTING = ("papers", "paper", "daily papers", "research")
"""Tags for a post whose keywords no tag bears, where a forum wants one."""
_WORD = re.compile(r"[^\W_]+")


def post_name(post: Post) -> str:
    """The name of a forum post: the paper's title, or the list's."""
    match post:
        case PaperCard():
            name = post.entry.paper.title
        case Digest() | PaperList() | Panel():
            name = post.title
        case _:
            name = ""
    return clean(name, THREAD_NAME) or "Papers"


def thread_name(parent: datetime, post: Post) -> str:
    """The name of a thread below a message of ours, which begins with this post."""
    if isinstance(post, Digest):
        return post_name(post)
    return f"The papers one by one · {parent.day} {parent:%B}"


def tags_for(
    post: Post, tags: Sequence[discord.ForumTag], *, required: bool
) -> list[discord.ForumTag]:
    """Tags whose name is among the papers' keywords; where one is required, at least one if there is any."""
    usable = [tag for tag in tags if not tag.moderated]  # those need Manage Threads
    keywords = {_plain(word) for entry in entries_of(post) for word in entry.paper.keywords}
    fitting = [tag for tag in usable if _plain(tag.name) in keywords][:TAGS]
    if fitting or not required:
        return fitting
    return [tag for tag in usable if _plain(tag.name) in _FITTING][:1] or usable[:1]


def _plain(name: str) -> str:
    """`Vision-Language Models` and `vision language model` are the same."""
    return " ".join(_WORD.findall(name.lower())).removesuffix("s")
