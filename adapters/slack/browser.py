"""What a browser is shown: one small page, which nothing from outside can turn into another."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape

from bot.domain.text import visible
from bot.domain.web import Page

STYLE = (
    "body{font:18px/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;"
    "color:#1d1c1d;background:#fff}h1{font-size:1.6rem}code{background:#f3f3f3;padding:.1em .3em;"
    "border-radius:.3em}a.button{display:inline-block;padding:.5em 1.2em;border-radius:.4em;"
    "background:#1b3a4b;color:#fff;text-decoration:none}"
    "@media(prefers-color-scheme:dark){body{color:#e8e8e8;background:#1a1d21}code{background:#333}}"
)
_STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()

GUARDS: tuple[tuple[str, str], ...] = (
    ("cache-control", "no-store"),
    (
        "content-security-policy",
        (
            f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'"
        ),
    ),
    ("referrer-policy", "no-referrer"),  # the address holds a code that is worth a token
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
)
"""Headers of everything that a browser gets from us."""


@dataclass(frozen=True, slots=True)
class Link:
    """Where to go on from a page; the address is ours."""

    text: str
    url: str


def shown(
    title: str,
    paragraphs: Sequence[str],
    *,
    links: Sequence[Link] = (),
    status: int = 200,
    cookie: str | None = None,
) -> Page:
    """A page. All texts are plain; what stands in `backticks` in them is shown as something to type."""
    parts = [f"<h1>{_text(title)}</h1>", *(f"<p>{_text(one)}</p>" for one in paragraphs)]
    parts += [
        f'<p><a class="button" href="{escape(link.url)}">{_text(link.text)}</a></p>'
        for link in links
    ]
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<title>{escape(visible(title))}</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>"
    )
    headers = (("content-type", "text/html; charset=utf-8"), *GUARDS, *_cookie(cookie))
    return Page(status=status, body=html.encode(), headers=headers)


def moved(url: str, *, cookie: str) -> Page:
    """Send a browser elsewhere."""
    return Page(status=302, headers=(("location", url), *GUARDS, *_cookie(cookie)))


def _cookie(cookie: str | None) -> tuple[tuple[str, str], ...]:
    return (("set-cookie", cookie),) if cookie else ()


def _text(text: str) -> str:
    """Escaped; of an even number of backticks every second piece is to be typed."""
    pieces = escape(visible(text)).split("`")
    if len(pieces) % 2 == 0:
        return "`".join(pieces)
    return "".join(
        f"<code>{piece}</code>" if place % 2 else piece for place, piece in enumerate(pieces)
    )
