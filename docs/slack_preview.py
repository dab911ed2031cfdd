"""Draws Slack's Block Kit as a page that looks like Slack, for pictures: `python docs/slack_preview.py message < f.json`.

`page` takes the JSON that would go to Slack: a message, a modal's view or a Home tab's. Nothing is loaded from
anywhere; where a picture would be stands its description.
"""

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any, Literal

Json = Mapping[str, Any]
Kind = Literal["message", "modal", "home"]

STYLE = """
*{box-sizing:border-box}html::-webkit-scrollbar{display:none}body{margin:0;background:#fff;color:#1d1c1d;font:15px/1.46668 Lato,'Noto Sans',
'DejaVu Sans Condensed','DejaVu Sans',sans-serif;-webkit-font-smoothing:antialiased}
a{color:#1264a3;text-decoration:none}b{font-weight:700}
.message{display:flex;gap:8px;padding:12px 20px 14px;max-width:760px}.said{flex:1;min-width:0}
.face{flex:none;width:36px;height:36px;border-radius:8px;background:#ffd21e;font-size:21px;line-height:36px;
text-align:center}.who{font-weight:900;margin-right:6px}.app{background:#e8e8e8;color:#616061;font-size:10px;
font-weight:700;padding:1px 4px;border-radius:2px;vertical-align:2px;margin-right:8px}.when{color:#616061;font-size:12px}
.only{color:#616061;font-size:13px;padding:10px 20px 0 20px;max-width:760px}.only+.message{padding-top:4px}
h3{font-size:18px;line-height:1.33;font-weight:900;margin:8px 0 4px}hr{border:0;border-top:1px solid #e8e8e8;margin:12px 0}
.section{display:flex;gap:14px;margin:8px 0 4px}.section>.text{flex:1;min-width:0;overflow-wrap:anywhere}
.fields{display:grid;grid-template-columns:1fr 1fr;gap:8px 16px}.context{color:#616061;font-size:12.5px;line-height:1.5;
margin:4px 0;display:flex;flex-wrap:wrap;gap:4px 8px;overflow-wrap:anywhere}.context .picture{width:20px;height:20px}
.actions{display:flex;flex-wrap:wrap;gap:8px;margin:10px 0 6px}
.button{border:1px solid #bbbabb;border-radius:4px;height:28px;padding:0 10px;font-size:13px;font-weight:700;
line-height:26px;background:#fff;white-space:nowrap;display:inline-block;color:#1d1c1d}
.primary{background:#007a5a;border-color:#007a5a;color:#fff}.danger{background:#e01e5a;border-color:#e01e5a;color:#fff}
.overflow{flex:none;width:32px;height:28px;border:1px solid #bbbabb;border-radius:4px;text-align:center;line-height:24px;
color:#616061;font-weight:700}.picture{flex:none;width:88px;height:88px;border-radius:8px;background:#f1f0f2;color:#8d8b90;
font-size:10px;line-height:1.3;display:flex;align-items:center;justify-content:center;text-align:center;padding:6px}
.image .picture{width:360px;height:200px;font-size:12px}.menu{border:1px solid #bbbabb;border-radius:4px;height:32px;
padding:0 10px;line-height:30px;display:inline-flex;justify-content:space-between;gap:18px;min-width:180px;color:#1d1c1d;
background:#fff;white-space:nowrap}.menu.empty{color:#8d8b90}.menu i{font-style:normal;color:#616061}
.label{font-weight:700;margin:16px 0 6px}.optional{font-weight:400;color:#616061}.hint{color:#616061;font-size:13px;margin-top:6px}
.wrong{color:#e01e5a;font-size:13px;margin-top:6px}.field{border:1px solid #868686;border-radius:4px;min-height:36px;padding:6px 12px;
width:100%;white-space:pre-wrap}.field.tall{min-height:88px}.field.empty{color:#8d8b90}.bad .field,.bad .menu{border-color:#e01e5a}
.input .menu{width:100%;height:36px;line-height:34px}.tick{display:flex;gap:8px;margin:4px 0;align-items:baseline}.tick s{flex:none;width:14px;
height:14px;border:1px solid #868686;border-radius:2px;text-decoration:none;font-size:11px;line-height:12px;text-align:center;align-self:center}
.tick.round s{border-radius:50%}.tick.on s{background:#1264a3;border-color:#1264a3;color:#fff}.tick small{color:#616061;display:block}
.token{background:#e8f5fa;color:#1264a3;border-radius:3px;padding:0 2px}code{font:12px/1.5 'DejaVu Sans Mono',monospace;color:#e01e5a;
background:#f6f6f6;border:1px solid #ddd;border-radius:3px;padding:1px 3px}pre{background:#f6f6f6;border:1px solid #ddd;border-radius:4px;
padding:8px;font:12px/1.5 'DejaVu Sans Mono',monospace;white-space:pre-wrap}blockquote{margin:4px 0;padding-left:12px;border-left:4px solid #ddd}
.reactions{display:flex;gap:4px;margin-top:6px}.reactions span{background:#f1f0f2;border-radius:12px;padding:1px 8px;font-size:12px}
.shade{background:#868686;padding:28px;min-height:100vh}.modal{background:#fff;width:520px;margin:0 auto;border-radius:8px;
box-shadow:0 18px 48px #0006;overflow:hidden}.title{display:flex;justify-content:space-between;font-size:22px;font-weight:900;padding:18px 28px}
.title i{color:#616061;font-style:normal;font-weight:400}.inside{padding:0 28px 20px}.foot{border-top:1px solid #e8e8e8;padding:16px 28px;
display:flex;justify-content:flex-end;gap:12px}.foot .button{height:36px;line-height:34px;font-size:15px;padding:0 14px}
.tabs{border-bottom:1px solid #e8e8e8;padding:12px 20px 0;font-weight:900;font-size:18px;max-width:860px}.tabs div{font-size:13px;font-weight:700;
display:flex;gap:20px;margin-top:8px;color:#616061}.tabs .here{color:#1d1c1d;border-bottom:2px solid #1264a3;padding-bottom:8px}
.home{padding:12px 20px 28px;max-width:860px}
"""
SHOWN_AT = "9:00 AM"


def page(
    kind: Kind,
    payload: Json,
    *,
    app: str = "paperbot",
    ephemeral: bool = False,
    errors: Mapping[str, str] | None = None,
    reactions: Mapping[str, int] | None = None,
) -> str:
    """A page of HTML. `errors` stand beside the inputs with these block ids, `reactions` below a message."""
    body = _blocks(payload.get("blocks") or (), errors or {})
    if kind == "message":
        shown = _message(
            body or f"<div>{_mrkdwn(str(payload.get('text', '')))}</div>", app, reactions
        )
        only = '<div class="only">👁 Only visible to you</div>' if ephemeral else ""
        inner = only + shown
    elif kind == "modal":
        inner = _modal(payload, body)
    else:
        tabs = '<span class="here">Home</span><span>Messages</span><span>About</span>'
        inner = f'<div class="tabs">📄 {escape(app)}<div>{tabs}</div></div><div class="home">{body}</div>'
    return (
        f'<!doctype html><meta charset="utf-8"><title>{kind}</title><style>{STYLE}</style>{inner}'
    )


def _message(body: str, app: str, reactions: Mapping[str, int] | None) -> str:
    pills = "".join(f"<span>{sign} {count}</span>" for sign, count in (reactions or {}).items())
    below = f'<div class="reactions">{pills}</div>' if pills else ""
    head = f'<span class="who">{escape(app)}</span><span class="app">APP</span><span class="when">{SHOWN_AT}</span>'
    return f'<div class="message"><div class="face">📄</div><div class="said"><div>{head}</div>{body}{below}</div></div>'


def _modal(view: Json, body: str) -> str:
    foot = ""
    if close := view.get("close"):
        foot += f'<span class="button">{_text(close)}</span>'
    if submit := view.get("submit"):
        foot += f'<span class="button primary">{_text(submit)}</span>'
    foot = f'<div class="foot">{foot}</div>' if foot else ""
    title = f'<div class="title">{_text(view.get("title"))}<i>✕</i></div>'
    return f'<div class="shade"><div class="modal">{title}<div class="inside">{body}</div>{foot}</div></div>'


def _blocks(blocks: Iterable[Json], errors: Mapping[str, str]) -> str:
    return "\n".join(_block(block, errors) for block in blocks)


def _block(block: Json, errors: Mapping[str, str]) -> str:
    kind = str(block["type"])
    if kind == "input":
        return _input(block, errors.get(str(block.get("block_id")), ""))
    draw = BLOCKS.get(kind, _unknown)
    return draw(block)


def _row(block: Json) -> str:
    return f'<div class="{block["type"]}">{"".join(map(_element, block["elements"]))}</div>'


def _unknown(block: Json) -> str:
    return f"<pre>{escape(json.dumps(block, ensure_ascii=False))}</pre>"


def _section(block: Json) -> str:
    inner = _text(block.get("text"))
    if fields := block.get("fields"):
        cells = "".join(f"<div>{_text(field)}</div>" for field in fields)
        inner += f'<div class="fields">{cells}</div>'
    beside = _element(block["accessory"]) if block.get("accessory") else ""
    return f'<div class="section"><div class="text">{inner}</div>{beside}</div>'


def _input(block: Json, wrong: str) -> str:
    optional = ' <span class="optional">(optional)</span>' if block.get("optional") else ""
    hint = f'<div class="hint">{_text(block["hint"])}</div>' if block.get("hint") else ""
    error = f'<div class="wrong">{escape(wrong)}</div>' if wrong else ""
    label = f'<div class="label">{_text(block["label"])}{optional}</div>'
    return f'<div class="input{" bad" if wrong else ""}">{label}{_element(block["element"])}{error}{hint}</div>'


def _element(element: Json) -> str:
    kind = str(element["type"])
    if kind.endswith("_input"):
        return _field(element)
    draw = ELEMENTS.get(kind, _menu)
    return draw(element)


def _button(element: Json) -> str:
    return f'<span class="button {element.get("style", "")}">{_text(element["text"])}</span>'


def _picture(element: Json) -> str:
    return f'<span class="picture">{escape(str(element.get("alt_text", "")))}</span>'


def _field(element: Json) -> str:
    value = str(element.get("initial_value") or "")
    classes = f"field{' tall' if element.get('multiline') else ''}{'' if value else ' empty'}"
    return f'<div class="{classes}">{escape(value) or _text(element.get("placeholder")) or "&nbsp;"}</div>'


def _menu(element: Json) -> str:
    """Every menu and picker: what is chosen, or the placeholder."""
    names = (
        "initial_option",
        "initial_date",
        "initial_time",
        "initial_channel",
        "initial_conversation",
        "initial_user",
    )
    several = ("initial_options", "initial_channels", "initial_conversations", "initial_users")
    chosen = [element[name] for name in names if element.get(name)]
    chosen += [one for name in several for one in element.get(name) or ()]
    shown = ", ".join(
        _text(one["text"]) if isinstance(one, Mapping) else _named(str(one)) for one in chosen
    )
    if not shown and element.get("default_to_current_conversation"):
        shown = "# papers"
    empty = "" if shown else " empty"
    return f'<span class="menu{empty}"><span>{shown or _text(element.get("placeholder"))}</span><i>⌄</i></span>'


def _named(value: str) -> str:
    return f"# {escape(value)}" if re.fullmatch(r"[CG][A-Z0-9]+", value) else escape(value)


def _ticks(element: Json) -> str:
    round_ = element["type"] == "radio_buttons"
    initial = element.get("initial_options") or [element.get("initial_option")]
    chosen = {one["value"] for one in initial if one}
    lines = []
    for option in element["options"]:
        on = option["value"] in chosen
        small = (
            f"<small>{_text(option['description'])}</small>" if option.get("description") else ""
        )
        classes = f"tick{' round' if round_ else ''}{' on' if on else ''}"
        sign = ("•" if round_ else "✓") if on else ""
        lines.append(
            f'<div class="{classes}"><s>{sign}</s><span>{_text(option["text"])}{small}</span></div>'
        )
    return "".join(lines)


def _text(text: Json | None) -> str:
    """A text object; plain_text knows no markup and no entities."""
    if not text:
        return ""
    if text["type"] == "plain_text":
        return escape(str(text["text"])).replace("\n", "<br>")
    return _mrkdwn(str(text["text"]))


_TOKEN = re.compile(r"```(?P<pre>.+?)```|`(?P<code>[^`\n]+)`|<(?P<angle>[^<>\n]+)>", re.DOTALL)
_EDGE = r"(?<![\w{0}]){0}(?=[^\s{0}])([^\n{0}]*[^\s{0}]){0}(?![\w{0}])"
_STYLES = tuple(
    (re.compile(_EDGE.format(sign)), tag) for sign, tag in ((r"\*", "b"), ("_", "em"), ("~", "del"))
)


def _mrkdwn(text: str) -> str:
    """Slack's markup as HTML: what is to be kept whole is put aside while the rest is styled."""
    aside: list[str] = []

    def put(match: re.Match[str]) -> str:
        if match["pre"]:
            aside.append(f"<pre>{match['pre'].strip()}</pre>")
        elif match["code"]:
            aside.append(f"<code>{match['code']}</code>")
        else:
            aside.append(_angle(match["angle"]))
        return f"\x00{len(aside) - 1}\x01"

    shown = _TOKEN.sub(put, text)
    shown = re.sub(r"^&gt; ?(.*)$", r"<blockquote>\1</blockquote>", shown, flags=re.MULTILINE)
    for pattern, tag in _STYLES:
        shown = pattern.sub(rf"<{tag}>\1</{tag}>", shown)
    shown = shown.replace("\n", "<br>")
    return re.sub("\x00(\\d+)\x01", lambda match: aside[int(match[1])], shown)


def _angle(inside: str) -> str:
    """What stands between < and >: a date, a channel, a person, everybody, a link."""
    target, _, label = inside.partition("|")
    if target.startswith("!date^"):
        return _date(target)
    if target.startswith("#"):
        return f'<span class="token">#{label or target[1:]}</span>'
    if target.startswith(("@", "!")):
        return f'<span class="token">@{label or target[1:]}</span>'
    return f'<a href="{target}">{label or target}</a>'


def _date(token: str) -> str:
    _, stamp, form, *_ = token.split("^")
    at = datetime.fromtimestamp(int(stamp), UTC)
    day, hour = f"{at:%b} {at.day}", f"{at.hour % 12 or 12}:{at:%M %p}"
    shown = re.sub(r"\{date[a-z_]*\}", day, form)
    return escape(re.sub(r"\{time[a-z_]*\}", hour, shown))


BLOCKS: Mapping[str, Callable[[Json], str]] = {
    "header": lambda block: f"<h3>{_text(block['text'])}</h3>",
    "divider": lambda _: "<hr>",
    "section": _section,
    "context": _row,
    "actions": _row,
    "image": lambda block: f'<div class="image">{_picture(block)}</div>',
}
ELEMENTS: Mapping[str, Callable[[Json], str]] = {
    "mrkdwn": lambda element: f"<span>{_text(element)}</span>",
    "plain_text": lambda element: f"<span>{_text(element)}</span>",
    "button": _button,
    "workflow_button": _button,
    "overflow": lambda _: '<span class="overflow">…</span>',
    "image": _picture,
    "checkboxes": _ticks,
    "radio_buttons": _ticks,
}
"""Everything else is drawn as a menu."""


def main() -> None:
    """A page for the JSON on standard input; the kind is the argument."""
    kind = sys.argv[1] if len(sys.argv) > 1 else "message"
    if kind not in ("message", "modal", "home"):
        sys.exit("Say which: message, modal or home.")
    sys.stdout.write(page(kind, json.load(sys.stdin)))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
