"""response_urls: answers to a gesture, whether or not the bot is in the channel."""

from typing import Any

from tests.support.slack_errors import Refused
from tests.support.slack_rules import check_message
from tests.support.slack_state import Message
from tests.support.slack_world import RESPONSE_SECONDS, RESPONSES, Hook, World


def respond(world: World, hook: Hook | None, body: dict[str, Any]) -> None:
    """One use of the address. Raises Refused."""
    if hook is None or world.teams[hook.team].gone:
        raise Refused("no_service")
    if len(hook.answers) >= RESPONSES:
        raise Refused("used_url")
    if world.clock.now() - hook.born > RESPONSE_SECONDS:
        raise Refused("expired_url")
    if not _true(body.get("delete_original")):
        check_message(body)
    hook.answers.append(body)
    world.responses.append(body)
    say(world, hook, body)


def say(world: World, hook: Hook, body: dict[str, Any]) -> Message | None:
    """Show the answer, in the place of the message it was asked from if it says so."""
    source = hook.source
    if source and not source.deleted:
        if _true(body.get("delete_original")):
            world.erase(source)
            return None
        if _true(body.get("replace_original")):
            world.rewrite(source, body)
            source.edited = True
            return source
    team = world.teams[hook.team]
    place = team.places[hook.channel]
    public = body.get("response_type") == "in_channel"
    said = dict(body)
    if source and source.thread_ts and not public:
        said.setdefault("thread_ts", source.thread_ts)
    return world.post(team, place, said, to="" if public else hook.user)


def _true(value: Any) -> bool:
    return str(value).lower() == "true"
