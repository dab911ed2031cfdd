"""Posts as mails: what stands in the papers stays text, both parts say the same, every line keeps to the standards."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.email.message import Envelope, compose, id_of
from adapters.email.render import Footer, asking, render
from adapters.email.settings import Mailbox
from adapters.email.text import THUMBNAILS, WIDTH
from bot.domain.mailing import Invitation, Letter, mail_channel
from bot.domain.people import Channel, Person
from bot.domain.posts import (
    Digest,
    Entry,
    File,
    Notice,
    Panel,
    PaperCard,
    PaperList,
    Post,
    Row,
    entries_of,
)
from bot.domain.subscriptions import Edition, Terms
from tests.support import hostile
from tests.support.fakes import NOW, papers
from tests.support.smtp import options

WAY_OUT = "https://papers.example.org/email/unsubscribe?t=abc.def"
FOOTER = Footer("You asked.", WAY_OUT)
SETTINGS = options("plain", "", auth=False)
ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "div", "table", "tr", "td"),
    *("a", "img", "code", "strong", "br"),
}
VOID = {"meta", "img", "br"}


class _Reader(HTMLParser):
    """Falls over what is not well nested; remembers tags, links, pictures and words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.pictures: list[dict[str, str | None]] = []
        self.words = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert not any(name.startswith("on") for name in given)
        self.tags.add(tag)
        if tag == "a":
            self.links.append(given.get("href") or "")
        if tag == "img":
            self.pictures.append(given)
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def parts(post: Post, **changes: Any) -> tuple[EmailMessage, bytes]:
    """The mail as a reader's program gets it, and as it goes over the wire."""
    envelope = Envelope(**{"to": "me@lab.org", "id": id_of("k", "me@lab.org"), "at": NOW} | changes)
    content = render(post, FOOTER)
    raw = compose(content, envelope, SETTINGS)
    mail = message_from_bytes(raw, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail, raw


def body(mail: EmailMessage, kind: str) -> str:
    """One of its parts."""
    found = mail.get_body((kind,))
    assert found is not None
    text: str = found.get_content().replace("\r\n", "\n")
    return text


def digest(**changes: Any) -> Digest:
    entries = tuple(Entry(paper=one, number=n) for n, one in enumerate(papers(3), start=1))
    return Digest(
        **{
            "title": "Daily Papers · Thursday 22 May 2025",
            "subtitle": "3 papers",
            "url": "https://huggingface.co/papers/date/2025-05-22",
            "entries": entries,
            "notes": ("Not shown: 2 more with fewer votes.",),
        }
        | changes
    )


# --- hostile papers


@given(pile=hostile.papers(most=2), text=hostile.texts, data=st.data())
@settings(max_examples=40, deadline=None)
def test_nothing_in_a_paper_becomes_markup(pile: Any, text: str, data: st.DataObject) -> None:
    """Tags are ours alone, links are web addresses, pictures are Hugging Face's; the text part is as complete."""
    entries = tuple(Entry(paper=one, number=n, why=text) for n, one in enumerate(pile, start=1))
    posts: list[Post] = [
        digest(title=text, subtitle=text, url=text, entries=entries, notes=(text,)),
        PaperList(title=text, entries=entries, notes=(text,)),
        Notice(text=text, hints=(text,)),
        Panel(title=text, rows=(Row(text, text),)),
        File(name=text, media_type=text, content=b"x", text=text),
        *(PaperCard(entry=one, full=full) for one in entries[:1] for full in (True, False)),
    ]
    post = data.draw(st.sampled_from(posts))
    mail, raw = parts(post)
    read = _Reader(body(mail, "html"))
    assert read.tags <= ALLOWED
    assert all(link.startswith(("https://", "http://")) for link in read.links)
    for picture in read.pictures:
        assert (picture["src"] or "").startswith(f"https://{THUMBNAILS}/")
        assert picture["alt"]
    plain = body(mail, "plain")
    assert all(one.paper.url in plain for one in entries_of(post))
    assert WAY_OUT in plain
    assert WAY_OUT in read.links
    keeps_to_the_standards(raw)


def keeps_to_the_standards(raw: bytes) -> None:
    """RFC 5322 and 2047: ASCII, CRLF, lines of at most 998 octets, encoded words of at most 75 characters."""
    assert raw.isascii()
    assert b"\0" not in raw
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    headers = raw.partition(b"\r\n\r\n")[0]
    assert all(len(word) <= 75 for word in re.findall(rb"=\?[^?]+\?[bqBQ]\?[^?]*\?=", headers))


@given(text=st.text(max_size=200))
@settings(max_examples=30, deadline=None)
def test_headers_cannot_be_injected(text: str) -> None:
    """Whatever stands in a title, a file's name, or the id of what is answered."""
    bad = f"{text}\r\nBcc: evil@example.org\r\n\r\nbody"
    for post in (
        digest(title=bad),
        Notice(text=bad),
        File(name=bad, media_type=bad, content=b"x", text=bad),
    ):
        mail, raw = parts(post, reply_to=bad)
        keeps_to_the_standards(raw)
        assert mail["Bcc"] is None
        assert mail["In-Reply-To"] is None
        assert set(mail.keys()) <= {
            *("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "List-Id"),
            *("List-Unsubscribe", "Auto-Submitted", "X-Auto-Response-Suppress"),
            *("MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
        }


def test_pictures_of_others_are_not_shown() -> None:
    """Nobody else learns that a mail was opened."""
    for url in (
        "https://evil.example/pixel.png",
        f"http://{THUMBNAILS}/a.png",
        f"https://{THUMBNAILS}.evil.example/a.png",
        f"https://{THUMBNAILS}@evil.example/a.png",
        "javascript:alert(1)",
    ):
        paper = replace(papers(1)[0], thumbnail=url, code_url=url)
        mail, _ = parts(PaperCard(entry=Entry(paper=paper), full=True))
        read = _Reader(body(mail, "html"))
        assert read.pictures == []
        assert not any("javascript" in link for link in read.links)


def test_a_picture_is_a_link_with_words() -> None:
    """For those who see none."""
    paper = replace(papers(1)[0], thumbnail=f"https://{THUMBNAILS}/a.png")
    mail, _ = parts(digest(entries=(Entry(paper=paper),)))
    (picture,) = _Reader(body(mail, "html")).pictures
    assert picture["alt"] == paper.title


# --- what a mail says


def test_a_digest_has_all_its_papers_in_both_parts() -> None:
    """Title, votes, links and summary, and nothing that only works in a chat."""
    mail, _ = parts(digest())
    read = _Reader(body(mail, "html"))
    for text in (body(mail, "plain"), read.words):
        for one in digest().entries:
            assert one.paper.title in text
            assert f"▲ {one.paper.upvotes}" in text
        assert "Not shown: 2 more" in text
    assert mail["Subject"] == "Daily Papers · Thursday 22 May 2025"
    assert "Daily Papers" in str(mail["From"])
    assert mail["To"] == "me@lab.org"


def test_the_plain_part_is_narrow_and_keeps_commands_whole() -> None:
    """A command that is broken in two cannot be copied."""
    long = "word " * 30 + "`/paper email confirm 123456` " + "word " * 30
    mail, _ = parts(Notice(text=long))
    lines = body(mail, "plain").splitlines()
    assert max(len(line) for line in lines if "http" not in line) <= WIDTH
    assert any("`/paper email confirm 123456`" in line for line in lines)


def test_without_decoration_there_is_no_html() -> None:
    """For servers that dislike the other."""
    content = render(digest(), FOOTER, plain=True)
    assert content.html is None
    envelope = Envelope(to="me@lab.org", id="0" * 32, at=NOW)
    raw = compose(content, envelope, SETTINGS)
    assert b"text/html" not in raw
    keeps_to_the_standards(raw)


def test_a_file_is_attached() -> None:
    """With its name and kind, whatever is in it."""
    content = bytes(range(256))
    post = File(
        name="../pa pers.bib", media_type="application/x-bibtex", content=content, text="3 papers"
    )
    mail, raw = parts(post)
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "pa-pers.bib"
    assert attached.get_content_type() == "application/x-bibtex"
    assert attached.get_content() == content
    assert mail["Subject"] == "3 papers"
    keeps_to_the_standards(raw)


@pytest.mark.parametrize("kind", ["multipart/mixed", "message/rfc822", "text/plain", "nonsense"])
def test_a_file_of_any_kind_is_attached(kind: str) -> None:
    """As it is."""
    mail, _ = parts(File(name="a.txt", media_type=kind, content=b"From me\r\n.\r\n"))
    (attached,) = mail.iter_attachments()
    assert attached.get_payload(decode=True) == b"From me\r\n.\r\n"


def test_long_subjects_are_cut_and_encoded() -> None:
    """In any script."""
    mail, raw = parts(digest(title="文" * 500))
    assert mail["Subject"] == "文" * 149 + "…"
    keeps_to_the_standards(raw)


def test_mails_can_be_sorted_and_left() -> None:
    """By their headers, which a long address does not break."""
    way_out = f"https://papers.example.org/email/unsubscribe?t={'x' * 300}"
    mail, raw = parts(digest(), way_out=way_out)
    assert mail["List-Id"] == "<paperbot.lab.org>"
    assert f"<{way_out}>".encode() in raw
    assert mail["List-Unsubscribe"] == f"<{way_out}>, <mailto:ann@lab.org?subject=unsubscribe>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Reply-To"] == "ann@lab.org"
    assert mail["Date"].datetime == NOW
    in_clear, _ = parts(digest(), way_out="http://papers.example.org/u")
    assert in_clear["List-Unsubscribe-Post"] is None


def test_a_name_in_any_script_may_write() -> None:
    """Encoded by the book."""
    sender = Mailbox("papers@lab.org", "Papiere für alle, “täglich” 文")
    envelope = Envelope(to="me@lab.org", id="0" * 32, at=datetime(2025, 1, 1, tzinfo=UTC))
    raw = compose(render(digest(), FOOTER), envelope, replace(SETTINGS, sender=sender))
    keeps_to_the_standards(raw)
    mail = message_from_bytes(raw, policy=default)
    assert mail["From"].addresses[0].display_name == sender.name


# --- the question


@given(name=st.text(max_size=80))
@settings(max_examples=30, deadline=None)
def test_a_name_cannot_advertise_in_a_question(name: str) -> None:
    """It goes to strangers, so it is letters alone."""
    invitation = Invitation(
        id="x",
        address=mail_channel("me@lab.org"),
        person=Person("slack", "T1.U1", f"{name} http://evil.example/a?b <b>"),
        channel=Channel.parse("slack:T1/C1"),
        edition=Edition.WEEKLY,
        terms=Terms(),
        at=NOW,
    )
    letter = Letter(
        invitation=invitation, ticket="t", code="123456", command="/paper", lasts="24 hours"
    )
    content = asking(letter, "https://papers.example.org/email/confirm?t=t", FOOTER)
    assert content.html is not None
    read = _Reader(content.html)
    assert read.tags <= ALLOWED
    assert len(read.links) == 2
    assert "evil.example" not in content.text
    assert "evil.example" not in read.words
    assert "123456" in content.text
    assert content.subject.startswith("123456 ")


def test_mails_are_made_for_dark_and_narrow_screens() -> None:
    """What their programs look for."""
    html = render(digest(), FOOTER).html or ""
    assert '<meta name="color-scheme" content="light dark">' in html
    assert "@media (prefers-color-scheme: dark)" in html
    assert "@media (max-width: 480px)" in html
    assert "max-width:600px" in html
    assert len(html.encode()) < 102_000
