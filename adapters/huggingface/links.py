"""Links in a payload: only http and https get through, and a repository is always spelt the same."""

import re

_LONGEST = 2_000
_LINK = re.compile(
    r"(?:(?:http|https)://)?(?:[\w-]{1,63}\.)+[\w-]{1,63}\.?(?::\d{1,5})?(?:[/?#].*)?"
)
_UNSAFE = re.compile(r"[<>\"\\^`{|}]")
_GITHUB = re.compile(r"https?://(?:www\.)?github\.com/+([^/?#]+)(?:/+([^/?#]+))?", re.IGNORECASE)


def web_link(value: object) -> str | None:
    """A link that is safe to show and to follow, or None. Without a scheme it is taken for https."""
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    url = "".join(line.strip() for line in value.splitlines()).partition(" ")[0]
    if not _LINK.fullmatch(url) or not url.isprintable() or _UNSAFE.search(url):
        return None
    return url if "://" in url.partition("?")[0] else f"https://{url}"


def repository(value: object) -> str | None:
    """A code repository; for GitHub `https://github.com/owner/name`, whatever stood behind it."""
    url = web_link(value)
    if url is None:
        return None
    if match := _GITHUB.match(url):
        return "/".join(["https://github.com", *filter(None, match.groups())]).removesuffix(".git")
    return url.rstrip("/").removesuffix(".git")
