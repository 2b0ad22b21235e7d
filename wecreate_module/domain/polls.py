"""Matrix polls (MSC3381) as clients show them: under the unstable names that Element sends.

Answers are understood under the stable names as well. Content is anyone's JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

START = "org.matrix.msc3381.poll.start"
RESPONSES = ("org.matrix.msc3381.poll.response", "m.poll.response")
END = "org.matrix.msc3381.poll.end"
_TEXT = "org.matrix.msc1767.text"
_DISCLOSED = "org.matrix.msc3381.poll.disclosed"
_UNDISCLOSED = "org.matrix.msc3381.poll.undisclosed"


@dataclass(frozen=True)
class PollAnswer:
    """What somebody chose; `choice` None takes it back, or is nothing that was offered."""

    poll: str
    choice: str | None


def poll_start(question: str, answers: Mapping[str, str], *, disclosed: bool = True) -> Json:
    """A poll with one choice; `answers` by their ids."""
    lines = [question, *(f"{at}. {text}" for at, text in enumerate(answers.values(), start=1))]
    return {
        _TEXT: "\n".join(lines),
        START: {
            "kind": _DISCLOSED if disclosed else _UNDISCLOSED,
            "max_selections": 1,
            "question": {_TEXT: question, "body": question, "msgtype": "m.text"},
            "answers": [{"id": key, _TEXT: text} for key, text in answers.items()],
        },
    }


def poll_end(poll: str, text: str) -> Json:
    return {
        "m.relates_to": {"rel_type": "m.reference", "event_id": poll},
        _TEXT: text,
        "body": text,
        END: {},
    }


def read_answer(content: Mapping[str, Any]) -> PollAnswer | None:
    """What a response says; None when it belongs to no poll."""
    relation = content.get("m.relates_to")
    poll = relation.get("event_id") if isinstance(relation, dict) else None
    if not isinstance(poll, str) or not isinstance(relation, dict):
        return None
    if relation.get("rel_type") != "m.reference":
        return None
    chosen = content.get("m.selections")
    for name in RESPONSES:
        said = content.get(name)
        if isinstance(said, dict):
            chosen = said.get("answers")
    first = chosen[0] if isinstance(chosen, list) and chosen else None
    return PollAnswer(poll, first if isinstance(first, str) else None)
