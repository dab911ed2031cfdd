"""Draws docs/email-*.png: a digest of the bundled sample as it comes by mail, in a browser. Takes Chromium.

Nothing is fetched: where a mail has a paper's picture, these have a drawing of a page.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from base64 import b64encode
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from adapters.email.render import Footer, render  # noqa: E402 -- beside this folder
from adapters.email.text import THUMBNAILS  # noqa: E402
from bot.app import sample_batches  # noqa: E402
from bot.digest import choose, lay_out  # noqa: E402
from bot.domain.papers import Listing  # noqa: E402
from bot.domain.ports import Budget  # noqa: E402
from bot.domain.subscriptions import Terms  # noqa: E402
from bot.editions import Selection, by_votes, in_words  # noqa: E402

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTHS = {360: 1240, 1200: 1240}
"""Of the window, with how much of the mail is shown below each other."""
WAY_OUT = "https://papers.example.org/email/unsubscribe?t=…"


def digest() -> str:
    """The last bundled day's."""
    day, papers = [(one.day, one.papers) for one in sample_batches() if one.day][-1]
    selection = Selection(
        key="",
        title=f"Daily Papers · {in_words(day)}",
        url=Listing.day(day).url,
        more="",
        papers=by_votes(papers),
        covered="",
    )
    terms = Terms(top=5)
    choice = choose(selection.papers, terms, ())
    (post,) = lay_out(selection, choice, terms, Budget(entries=40, characters=30_000), "")
    footer = Footer("You get this because this address said yes.", WAY_OUT)
    return render(post, footer).html or ""


def drawn(html: str) -> str:
    """With drawings in the places of pictures."""
    colours = iter(["#dbe7f3", "#f3e6db", "#e2f0de", "#efe0ef", "#f3efd6"] * 20)

    def page(_: re.Match[str]) -> str:
        bars = "".join(
            f'<rect x="60" y="{y}" width="{width}" height="22" rx="6" fill="#8795a1"/>'
            for y, width in (
                (90, 820),
                (140, 640),
                (260, 1080),
                (310, 1040),
                (360, 1080),
                (410, 700),
            )
        )
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 648">'
            f'<rect width="1200" height="648" fill="{next(colours)}"/>{bars}</svg>'
        )
        return f'src="data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"'

    return re.sub(rf'src="https://{re.escape(THUMBNAILS)}[^"]*"', page, html)


def draw(html: str, width: int, scheme: str, browser: str) -> None:
    """One picture."""
    target = HERE / f"email-{width}-{scheme}.png"
    with tempfile.TemporaryDirectory() as folder:
        mail = Path(folder) / "mail.html"
        mail.write_text(html, encoding="utf-8")
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        command += ["--disable-background-networking", f"--user-data-dir={folder}/profile"]
        command += [f"--blink-settings=preferredColorScheme={int(scheme == 'light')}"]
        command += [f"--window-size={width},{WIDTHS[width]}", f"--screenshot={target}"]
        subprocess.run([*command, mail.as_uri()], check=True, capture_output=True)  # noqa: S603 -- our own page


def main() -> None:
    """All four."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit(f"These pictures are drawn by a browser; install one of {', '.join(BROWSERS)}.")
    html = drawn(digest())
    for width in WIDTHS:
        for scheme in ("light", "dark"):
            draw(html, width, scheme, browser)


if __name__ == "__main__":
    main()
