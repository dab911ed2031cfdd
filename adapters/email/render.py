"""A post as a mail: HTML and plain text from the same view. Pure, and safe whatever stands in the papers."""

from dataclasses import dataclass, replace
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from adapters.email.text import clean, plain_name, typed, wrapped
from adapters.email.views import Fact, View, view
from bot.domain.mailing import Letter
from bot.domain.posts import File, Post, Row, picture_of
from bot.domain.text import visible

__all__ = ["Content", "Footer", "asking", "page", "render"]


@dataclass(frozen=True, slots=True)
class Footer:
    """What stands under every mail: why it came, and the way out."""

    why: str
    way_out: str | None = None
    """A link."""
    or_else: str = ""
    """How to leave where there is no link."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a mail says."""

    subject: str
    text: str
    html: str | None
    """None for one without any decoration."""
    file: File | None = None
    picture: File | None = None
    """Shown in the HTML, which knows it by its content id."""


def render(post: Post, footer: Footer, *, plain: bool = False) -> Content:
    """The post; `plain` leaves out the HTML."""
    file = post if isinstance(post, File) else None
    picture = None if plain else picture_of(post)
    return replace(_content(view(post), footer, plain=plain, file=file), picture=picture)


def asking(letter: Letter, link: str | None, footer: Footer) -> Content:
    """The question whether an address wants mail."""
    invitation = letter.invitation
    who = plain_name(invitation.person.name) or "Somebody"
    where = invitation.channel.platform.capitalize()
    what = f"{invitation.edition} papers"
    question = (
        f"{who} asked, on {where}, that the {invitation.edition} papers from Hugging Face come to "
        f"{invitation.address.id}. Do you want that?"
    )
    how = f"Or type this where you asked, within {letter.lasts}: `{letter.command} email confirm {letter.code}`."
    if not link:
        how = f"Type this where you asked, within {letter.lasts}: `{letter.command} email confirm {letter.code}`."
    shown = View(
        subject=f"{letter.code} confirms {what} by e-mail",
        preheader="Nothing comes before you say yes.",
        title="Papers in this inbox?",
        paragraphs=(question,),
        button=Fact("Yes, please", link) if link else None,
        code=letter.code,
        notes=(how, "If you did not ask for this, do nothing: no more mail comes from here."),
    )
    return _content(shown, footer)


def page(
    title: str, paragraphs: tuple[str, ...], *, button: str = "", action: str = "", style: str
) -> bytes:
    """A page for a browser; with a button it asks, and nothing happens before it is pressed."""
    template = _environment().get_template("page.html")
    html = template.render(
        title=visible(title), paragraphs=paragraphs, button=button, action=action, style=style
    )
    return html.encode()


def _content(
    shown: View, footer: Footer, *, plain: bool = False, file: File | None = None
) -> Content:
    values = {"mail": shown, "footer": footer}
    text = _environment().get_template("mail.txt").render(values)
    html = None if plain else _environment().get_template("mail.html").render(values)
    return Content(clean(shown.subject, 200), _tidy(text), html, file)


def _tidy(text: str) -> str:
    """No spaces at the ends of lines, never two empty lines in a row."""
    lines: list[str] = []
    for line in (line.rstrip() for line in text.strip().split("\n")):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"


def _beside(row: Row) -> str:
    return wrapped(f"{row.label}: {row.text}", 2, first="- ")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("adapters.email"),
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"typed": typed, "wrapped": wrapped, "beside": _beside}
    return environment
