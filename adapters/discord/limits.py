"""What Discord takes, in one table. Every renderer computes against these figures and no others.

Figures marked O stand in Discord's own OpenAPI description of API version 10 (the schema is named),
figures marked D in its documentation of messages, components and channels.
"""

CONTENT = 2_000
"""Characters of a message's content (D; the OpenAPI's 4000 is for accounts that pay)."""
EMBED_TITLE = 256
"""O: RichEmbed.title."""
EMBED_DESCRIPTION = 4_096
"""O: RichEmbed.description."""
EMBED_FOOTER = 2_048
"""O: RichEmbedFooter.text."""
EMBED_SUM = 6_000
"""Characters of all embeds of a message together (D; the OpenAPI is silent)."""

COMPONENTS = 40
"""Components of a message, those inside others counted too (D)."""
TEXT = 4_000
"""Characters over all text displays of a message (D)."""
ROW_BUTTONS = 5
"""O: ActionRowComponentForMessageRequest.components."""
BUTTON_LABEL = 80
"""O: ButtonComponentForMessageRequest.label."""
BUTTON_URL = 512
"""D."""
CUSTOM_ID = 100
"""O: ButtonComponentForMessageRequest.custom_id; unique in its message (D)."""
OPTIONS = 25
"""O: StringSelectComponentForMessageRequest.options."""
OPTION_LABEL = 100
"""O: StringSelectOptionForRequest.label."""
PLACEHOLDER = 150
"""O: StringSelectComponentForMessageRequest.placeholder."""
PICTURE_URL = 2_048
"""O: UnfurledMediaRequest.url."""
PICTURE_TEXT = 1_024
"""O: ThumbnailComponentForMessageRequest.description."""

FILE = 10 * 1024 * 1024
"""Bytes of one file where nobody has boosted the server (D)."""
THREAD_NAME = 100
"""O: CreateForumThreadRequest.name."""
TAGS = 5
"""O: CreateForumThreadRequest.applied_tags."""
NONCE = 25
"""O: MessageCreateRequest.nonce."""


def size(text: str) -> int:
    """The length of a text in UTF-16 units, the largest way anybody counts characters."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def crop(text: str, limit: int) -> str:
    """At most `limit` long, the last character … when something was cut off."""
    if size(text) <= limit:
        return text
    if limit < 1:
        return ""
    kept = text[: limit - 1]
    while size(kept) > limit - 1:
        kept = kept[:-1]
    return kept.rstrip() + "…"
