"""How a sentence transformer wants its texts: what its folder says of that, or else the custom of its family."""

import json
from pathlib import Path
from typing import Any, NamedTuple

LONGEST = 256
"""Pieces of a text that are read. MiniLM was trained on no more, and few abstracts are longer."""


class Manner(NamedTuple):
    """One model's."""

    first: bool = False
    """Whether the first piece stands for the text, instead of the mean of all."""
    question: str = ""
    """What a question begins with."""
    passage: str = ""
    """What a paper begins with."""
    length: int = LONGEST


_ASKED = "Represent this sentence for searching relevant passages: "
_FAMILIES = {
    "bge-": Manner(first=True, question=_ASKED),
    "arctic-embed": Manner(first=True, question=_ASKED),
    "e5-": Manner(question="query: ", passage="passage: "),
}
"""By a part of the name, from the models' cards; all others take the mean and no words before a text."""


def manner_of(folder: Path) -> Manner:
    """A ValueError where the folder says something that cannot be followed."""
    parts = [*folder.absolute().parts[-3:], _settings(folder, "config.json").get("_name_or_path")]
    name = " ".join(map(str, parts)).lower()
    manner = next((known for part, known in _FAMILIES.items() if part in name), Manner())
    if pooling := _settings(folder, "1_Pooling/config.json"):
        kind = pooling.get("pooling_mode")
        manner = manner._replace(first=bool(pooling.get("pooling_mode_cls_token", kind == "cls")))
    prompts = _settings(folder, "config_sentence_transformers.json").get("prompts")
    if isinstance(prompts, dict) and prompts.get("query"):
        passage = prompts.get("passage") or prompts.get("document") or ""
        manner = manner._replace(question=str(prompts["query"]), passage=str(passage))
    if _settings(folder, "tokenizer_config.json").get("do_lower_case") is False:
        raise ValueError(
            "it tells capital letters from small ones, and only uncased models are read here"
        )
    most = _settings(folder, "sentence_bert_config.json").get("max_seq_length")
    return manner._replace(length=min(most, LONGEST) if isinstance(most, int) else LONGEST)


def _settings(folder: Path, name: str) -> dict[str, Any]:
    try:
        found = json.loads((folder / name).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    if not isinstance(found, dict):
        raise ValueError(f"{name} is not a JSON object")  # noqa: TRY004 -- of the file's content
    return found
