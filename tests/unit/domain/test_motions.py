from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecreate_module.domain import motions as rules
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.motions import Motion, MotionState, Version, clean_wording

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TEXT = "Erster Absatz.\nZweiter Absatz.\nDritter Absatz."


def draft(text: str = TEXT) -> Motion:
    words = {"text": text} if text else {}
    return Motion(1, "general", Version(1, "Titel", words, "@a:x", NOW), "@a:x", NOW)


def changed(motion: Motion, **words: str) -> Motion:
    return rules.write(motion, "@b:x", NOW, sections=words)


def code(caught: pytest.ExceptionInfo[UserError]) -> str:
    return caught.value.code


@given(st.text(max_size=300))
def test_clean_wording_is_clean_already(text: str) -> None:
    clean = clean_wording(text)
    assert clean_wording(clean) == clean
    assert not set(clean) & set("\u202e\u2066\u200f\r\t\x00\u2028")


def test_what_turns_text_around_goes_and_emoji_stay_whole() -> None:
    assert (
        clean_wording("a\u202eb\u2067 c\t d \r\n\r\n\r\n\r\ne 👩\u200d👧")
        == "ab c d\n\ne 👩\u200d👧"
    )


def test_a_text_that_nobody_would_read_is_refused() -> None:
    with pytest.raises(UserError) as caught:
        clean_wording("x" * (rules.MAX_TEXT + 1))
    assert code(caught) == "motion-text-too-long"
    assert len(clean_wording("x " * 50_000)) > 99_000


def test_a_change_makes_a_new_version_and_the_same_words_none() -> None:
    motion = changed(draft(), text="Neu.")
    assert (motion.version.number, motion.version.author, motion.substance) == (2, "@b:x", 2)
    assert changed(motion, text=" Neu. \n") is motion


def test_signatures_count_for_the_words_that_were_signed() -> None:
    motion = rules.cosign(draft(), "@c:x", NOW)
    assert rules.cosign(motion, "@c:x", NOW) is motion
    motion = changed(motion, reason="Darum.")
    assert motion.signed == ("@c:x",)
    motion = changed(motion, text="Ganz anders.")
    assert (motion.signed, motion.asked_again) == ((), ("@c:x",))
    motion = rules.cosign(motion, "@c:x", NOW)
    assert (motion.signed, motion.asked_again) == (("@c:x",), ())
    assert rules.uncosign(motion, "@c:x").signed == ()


def test_lines_are_found_again_in_a_newer_version() -> None:
    then = draft().version
    now = changed(draft(), text=f"Ganz vorn.\n{then.text}").version
    assert [rules.line_now(line.number, then, now) for line in then.lines] == [2, 3, 4]
    assert rules.line_now(1, draft("").version, now) == 1
    with pytest.raises(UserError) as caught:
        rules.line_now(1, then, draft("").version)
    assert code(caught) == "motion-no-text"


def test_lines_that_do_not_exist_are_named() -> None:
    for first, last, named in ((0, 1, 0), (2, 9, 9), (4, 4, 4)):
        with pytest.raises(UserError) as caught:
            rules.lines_between(draft().version, first, last)
        assert code(caught) == "line-not-found"
        assert caught.value.params["number"] == named
    with pytest.raises(UserError) as caught:
        rules.lines_between(draft("").version, 1, 1)
    assert code(caught) == "motion-no-text"


def test_what_was_handed_in_stays_as_it_is() -> None:
    motion = rules.move_on(draft(), MotionState.SUBMITTED, NOW)
    with pytest.raises(UserError):
        changed(motion, text="Neu.")
    with pytest.raises(UserError):
        rules.cosign(motion, "@c:x", NOW)
    with pytest.raises(UserError):
        rules.move_on(motion, MotionState.DRAFT, NOW)
    motion = rules.move_on(motion, MotionState.ADOPTED, NOW, body_number="VII-A-1")
    assert (motion.decided_at, motion.body_number) == (NOW, "VII-A-1")


def test_the_hash_is_of_the_words_alone() -> None:
    one = draft().version
    same = Version(7, one.title, {**one.sections, "reason": ""}, "@z:x", NOW)
    assert one.sha256 == same.sha256
    assert one.sha256 != changed(draft(), text="Neu.").version.sha256


def test_the_time_from_the_first_word_is_kept() -> None:
    motion = draft()
    assert (motion.days_to_submission, motion.days_to_decision) == (None, None)
    motion = rules.move_on(motion, MotionState.SUBMITTED, NOW + timedelta(days=9))
    motion = rules.move_on(motion, MotionState.ADOPTED, NOW + timedelta(days=40, hours=5))
    assert (motion.days_to_submission, motion.days_to_decision) == (9, 40)


def test_marks_piled_upon_a_letter_are_cut_and_those_of_languages_stay() -> None:
    piled = clean_wording("a" + "\u0335" * 5000 + "b")
    assert piled == "a" + "\u0335" * 30 + "b"
    vietnamese = "Tiê\u0301ng Viê\u0323t"
    assert clean_wording(vietnamese) == unicodedata.normalize("NFC", vietnamese)
