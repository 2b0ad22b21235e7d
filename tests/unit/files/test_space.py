from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.unit.files.conftest import ANNA, BEN
from wecreate_module.domain.matrix import RESULT
from wecreate_module.domain.quotas import Quotas


def grant(chat: Any, box: int, person: int = 0) -> None:
    server = chat.app.server
    links = replace(server.links, quotas=Quotas(box, person))
    chat.app = replace(chat.app, server=replace(server, links=links))


def test_how_much_room_is_taken_is_said_and_of_how_much(chat: Any) -> None:
    grant(chat, 5_000_000_000, 2_000_000_000)
    chat.send(info={"size": 1_000_000_000})
    chat.send("b.pdf", BEN, info={"size": 500_000_000})
    answer = chat.say("!dateien platz", BEN)
    assert "1,5 GB von 5 GB (30 %)" in answer["body"]
    assert "500 MB von 2 GB (25 %)" in answer["body"]
    assert answer[RESULT]["data"] == {
        "box": {"used": 1_500_000_000, "files": 2, "most": 5_000_000_000},
        "mine": {"here": 500_000_000, "used": 500_000_000, "most": 2_000_000_000},
        "largest": {"message": None, "request": 2_000_000_000},
    }


def test_without_quotas_only_what_is_used_is_said(chat: Any) -> None:
    chat.send(info={"size": 10})
    data = chat.data("!files space")
    assert (data["box"]["used"], data["box"]["most"], data["mine"]["most"]) == (10, None, None)


def test_a_box_hears_once_that_it_is_nearly_full(chat: Any) -> None:
    grant(chat, 1_000_000)
    assert chat.send("a.pdf", info={"size": 800_000}) == []
    (warning,) = chat.send("b.pdf", info={"size": 150_000})
    assert "950 kB von 1 MB" in warning["body"]
    assert chat.send("c.pdf", info={"size": 10_000}) == []


def test_a_file_that_does_not_fit_is_refused_in_words_and_not_entered(chat: Any) -> None:
    grant(chat, 1_000_000)
    (answer,) = chat.send("a.pdf", info={"size": 1_000_001})
    assert answer[RESULT]["error"]["code"] == "box-full"
    assert chat.data("!dateien", ANNA)["files"] == []
