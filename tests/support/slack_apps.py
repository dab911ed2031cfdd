"""auth.*, apps.*, oauth.* and files.* of the stand-in."""

from typing import Any

from tests.support.slack_calls import Call, method
from tests.support.slack_chat import check_speaking
from tests.support.slack_errors import Refused
from tests.support.slack_state import Place
from tests.support.slack_world import Grant, UploadedFile


@method("auth.test", app=True)
def auth_test(call: Call) -> dict[str, Any]:
    if call.token == call.world.app_token:
        return {"app_name": "paperbot", "app_id": "A1"}
    team = call.team
    return {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": team.users[team.bot_user].name,
        "team_id": team.id,
        "user_id": team.bot_user,
        "bot_id": team.bot_id,
        "is_enterprise_install": False,
    }


@method("auth.revoke")
def auth_revoke(call: Call) -> dict[str, Any]:
    if call.flag("test"):
        return {"revoked": False}
    call.team.gone = "token_revoked"
    return {"revoked": True}


@method("apps.uninstall")
def uninstall(call: Call) -> dict[str, Any]:
    _check_client(call)
    call.team.gone = "account_inactive"
    return {}


@method("apps.connections.open", app=True)
def connections_open(call: Call) -> dict[str, Any]:
    if call.token != call.world.app_token:
        raise Refused("not_allowed_token_type")
    if "connections:write" not in call.world.app_scopes:
        raise Refused("missing_scope", needed="connections:write", provided="")
    ticket = call.world.clock.id("ticket")
    call.world.tickets[ticket] = False
    return {"url": f"{call.world.base.replace('http', 'ws')}/link/?ticket={ticket}&app_id=A1"}


def _check_client(call: Call) -> None:
    given = call.basic if call.basic[0] else (call.text("client_id"), call.text("client_secret"))
    if given[0] != call.world.client_id:
        raise Refused("invalid_client_id")
    if given[1] != call.world.client_secret:
        raise Refused("bad_client_secret")


@method("oauth.v2.access", anyone=True)
def oauth_access(call: Call) -> dict[str, Any]:
    _check_client(call)
    grant = call.world.grants.get(call.text("code"))
    if grant is None:
        raise Refused("invalid_code")
    if grant.used:
        raise Refused("code_already_used")
    if call.text("redirect_uri") != grant.redirect_uri:
        raise Refused("bad_redirect_uri")
    grant.used = True
    return _installed(call, grant)


def _installed(call: Call, grant: Grant) -> dict[str, Any]:
    told: dict[str, Any] = {"app_id": "A1", "authed_user": {"id": grant.user}}
    told |= {"token_type": "bot", "is_enterprise_install": grant.enterprise}
    told["scope"] = ",".join(sorted(grant.scopes))
    if grant.enterprise:
        where: dict[str, Any] = {"team": None, "enterprise": {"id": "E1", "name": "Big"}}
        return told | where | {"access_token": "xoxb-E1", "bot_user_id": "UBOT"}
    team = call.world.teams[grant.team]
    team.gone, team.scopes = "", set(grant.scopes)
    where = {"team": {"id": team.id, "name": team.name}, "enterprise": None}
    return told | where | {"access_token": team.token, "bot_user_id": team.bot_user}


@method("files.getUploadURLExternal", "files:write")
def upload_url(call: Call) -> dict[str, Any]:
    if not call.text("filename") or call.number("length", 0) <= 0:
        raise Refused("missing_argument")
    file = UploadedFile(
        call.world.clock.id("F"), call.team.id, call.text("filename"), call.number("length", 0)
    )
    call.world.files[file.id] = file
    return {"upload_url": f"{call.world.base}/upload/v1/{file.id}", "file_id": file.id}


@method("files.completeUploadExternal", "files:write")
def complete_upload(call: Call) -> dict[str, Any]:
    wanted = call.args.get("files")
    if not isinstance(wanted, list) or not wanted:
        raise Refused("invalid_arguments", "missing required field: files")
    files = []
    for one in wanted:
        file = call.world.files.get(one.get("id", ""))
        if file is None or len(file.content) != file.length or file.team != call.team.id:
            raise Refused("file_not_found")
        file.title = one.get("title") or file.name
        files.append(file)
    told = [{"id": file.id, "title": file.title, "name": file.name} for file in files]
    for place in _destinations(call):
        check_speaking(call, place)
        if not place.member:
            raise Refused("not_in_channel")
        for file in files:
            file.channel, file.thread_ts = place.id, call.text("thread_ts")
            file.comment = call.text("initial_comment")
        said = {"text": call.text("initial_comment"), "thread_ts": call.text("thread_ts") or None}
        call.world.post(call.team, place, said, files=told)
    return {"files": told}


def _destinations(call: Call) -> list[Place]:
    """`channel_id` is one conversation; `channels` may name people as well. Raises Refused."""
    if channel := call.text("channel_id"):
        return [call.team.place(channel)]
    named = [one for one in call.text("channels").split(",") if one]
    return [
        call.team.direct(one) if one in call.team.users else call.team.place(one) for one in named
    ]
