"""What browsers are shown, what goes to Slack and back, and what Slack says of an installation."""

import re
from base64 import b64encode
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.browser import Link, shown
from adapters.slack.install import _Ended, _installation
from adapters.slack.settings import Settings
from adapters.slack.state import COOKIE, browser_of, cookie, issue, nonce_of
from tests.support.fakes import NOW
from tests.support.slack_browser import words

OPTIONS = Settings(client_id="1.2", client_secret="secret", url="https://papers.example.org")
ANSWER: dict[str, Any] = {
    "access_token": "xoxb-T1",
    "scope": "commands,chat:write",
    "bot_user_id": "UBOT",
    "team": {"id": "T1", "name": "Vision \u202e\n Lab"},
    "authed_user": {"id": "U1"},
}


# --- pages


def test_pages_are_guarded() -> None:
    """Nothing is loaded, framed, kept, or told to where a link leads; the one style is known by its hash."""
    page = shown("Hello", ["text"])
    headers = dict(page.headers)
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    (style,) = re.findall(r"<style>(.*)</style>", words(page))
    known = b64encode(sha256(style.encode()).digest()).decode()
    assert f"'sha256-{known}'" in headers["content-security-policy"]


@given(name=st.text(max_size=60))
@settings(max_examples=60)
def test_a_name_from_outside_stays_text(name: str) -> None:
    """Whatever a workspace is called."""
    page = shown(name, [f"in {name}"], links=[Link(name, 'https://x.org/?a="<b>')])
    tags = set(re.findall(r"<[^>]*>", words(page)))
    plain = set(re.findall(r"<[^>]*>", words(shown("x", ["`x`"], links=[Link("`x`", "")]))))
    known = {tag for tag in plain if "href" not in tag}
    assert {tag for tag in tags if "href" not in tag} <= known
    assert '<a class="button" href="https://x.org/?a=&quot;&lt;b&gt;">' in tags


# --- state


@given(text=st.text(max_size=80), held=st.text(max_size=40))
@settings(max_examples=80)
def test_nobody_else_can_make_a_state(text: str, held: str) -> None:
    """And whatever comes is read without falling over."""
    assert nonce_of(text, "secret", NOW, held) is None
    assert browser_of(f"{text}; {COOKIE}={held}") in f"{text}{held}"


def test_a_state_is_of_its_time_its_secret_and_its_browser() -> None:
    """Each of them counts, and no part of it can be changed."""
    state = issue("secret", NOW, "nonce", "browser")
    later: datetime = NOW + timedelta(minutes=5)
    assert nonce_of(state, "secret", later, "browser") == "nonce"
    assert nonce_of(state, "other", later, "browser") is None
    assert nonce_of(state, "secret", later, "other") is None
    assert nonce_of(state, "secret", NOW - timedelta(minutes=2), "browser") is None
    assert nonce_of("\ud800.\ud800.\ud800", "secret", later, "browser") is None
    for place in range(len(state)):
        changed = f"{state[:place]}{'1' if state[place] != '1' else '2'}{state[place + 1 :]}"
        assert nonce_of(changed, "secret", later, "browser") is None


def test_cookies_of_others_do_not_hide_ours() -> None:
    """However odd they are."""
    assert browser_of(f'a={{"b": 1}}; "x; {COOKIE}=abc; c=d') == "abc"
    assert browser_of(f"not{COOKIE}=abc") == ""
    assert browser_of(f"{COOKIE}=<abc>") == ""


def test_the_cookie_knows_where_it_belongs() -> None:
    """Below the path that a proxy may have put us at; over https it never travels in the clear."""
    assert "; Path=/bots/slack;" in cookie("abc", "https://example.org/bots/")
    assert cookie("abc", "https://example.org").endswith("; Secure")
    assert "Secure" not in cookie("abc", "http://localhost:8080")


# --- what Slack grants


def test_an_installation_is_read() -> None:
    """A name without what could play tricks."""
    found = _installation(OPTIONS, ANSWER, NOW)
    assert str(found.workspace) == "slack:T1"
    assert (found.name, found.bot, found.token) == ("Vision Lab", "UBOT", "xoxb-T1")
    assert found.scopes == {"commands", "chat:write"}
    assert "xoxb" not in repr(found)


def test_a_token_that_would_end_is_not_taken() -> None:
    """After twelve hours the bot would fall silent."""
    with pytest.raises(_Ended) as ended:
        _installation(OPTIONS, ANSWER | {"refresh_token": "xoxe-1", "expires_in": 43200}, NOW)
    assert "Token rotation is switched on" in words(ended.value.page)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(changes=st.dictionaries(st.sampled_from([*ANSWER, "is_enterprise_install"]), _JSON))
@settings(max_examples=100)
def test_whatever_slack_says_is_taken_or_refused(changes: dict[str, Any]) -> None:
    """Never half."""
    status = 200
    try:
        found = _installation(OPTIONS, ANSWER | changes, NOW)
    except _Ended as ended:
        status = ended.page.status
    if status == 200:
        assert found.token
        assert all(re.fullmatch("[A-Z0-9]+", id) for id in (found.workspace.id, found.bot))
    else:
        assert status in (400, 502)
