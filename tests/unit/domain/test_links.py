from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wecreate_module.domain.attachments import Media
from wecreate_module.domain.errors import UserError
from wecreate_module.domain.links import (
    FREE_TRIES,
    LONGEST_WAIT,
    Link,
    LinkedFile,
    LinkRules,
    LinkWish,
    as_allowed,
    new_password,
    read_wish,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
FILES = (LinkedFile(1, Media("mxc://x/1", "", "", "")),)
LINK = Link("id", 1, 1, "@a:x", NOW, FILES, 1, b"", b"")


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("", LinkWish(WEEK)),
        ("3 tage", LinkWish(timedelta(days=3))),
        ("für 2 Wochen", LinkWish(2 * WEEK)),
        ("1 stunde, max 5", LinkWish(timedelta(hours=1), 5)),
        ("max. 5 7 tage passwort", LinkWish(WEEK, 5, password=True)),
        ("Passwort", LinkWish(WEEK, password=True)),
        ("5 mal unbegrenzt", LinkWish(None, 5)),
        ("for 3 days at most 2 times password", LinkWish(timedelta(days=3), 2, password=True)),
        ("höchstens 10x", LinkWish(WEEK, 10)),
    ],
)
def test_wishes_are_read_in_any_order(text: str, wish: LinkWish) -> None:
    assert read_wish(text) == wish


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("bitte", "link-unclear"),
        ("7 äpfel", "link-unclear"),
        ("passwort geheim", "link-unclear"),
        ("0 tage", "link-days"),
        ("999999 tage", "link-days"),
        ("max 0", "link-visits"),
        ("max 99999", "link-visits"),
    ],
)
def test_what_makes_no_sense_is_told(text: str, code: str) -> None:
    with pytest.raises(UserError) as error:
        read_wish(text)
    assert error.value.code == code


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert isinstance(read_wish(text), LinkWish)
    except UserError:
        return


def test_the_operator_may_force_an_end_and_a_password() -> None:
    rules = LinkRules("https://x", max_days=3, password=True)
    assert as_allowed(LinkWish(), rules) == LinkWish(timedelta(days=3), password=True)
    for asked in (LinkWish(timedelta(days=4)), LinkWish(None)):
        with pytest.raises(UserError):
            as_allowed(asked, rules)
    assert as_allowed(LinkWish(None), LinkRules("https://x")) == LinkWish(None)


def test_a_link_ends_with_its_time_its_visits_or_a_revocation() -> None:
    assert LINK.takes_visits(NOW)
    timed = replace(LINK, expires_at=NOW + WEEK)
    assert timed.takes_visits(NOW + WEEK - timedelta(seconds=1))
    assert not timed.is_open(NOW + WEEK)
    used = replace(LINK, max_visits=2, visits=2)
    assert used.is_open(NOW)
    assert not used.takes_visits(NOW)
    assert not replace(LINK, revoked_at=NOW).is_open(NOW)


def test_after_some_wrong_tries_each_has_to_wait_longer_up_to_a_bound() -> None:
    def wait(wrong: int) -> timedelta:
        return replace(LINK, wrong=wrong, wrong_at=NOW).wait(NOW)

    assert wait(FREE_TRIES - 1) == timedelta(0)
    assert wait(FREE_TRIES) == timedelta(seconds=1)
    assert wait(FREE_TRIES + 3) == timedelta(seconds=8)
    assert wait(1000) == LONGEST_WAIT
    late = replace(LINK, wrong=50, wrong_at=NOW)
    assert late.wait(NOW + LONGEST_WAIT) == timedelta(0)


def test_passwords_differ_and_are_easily_read_out() -> None:
    made = {new_password() for _ in range(50)}
    assert len(made) == 50
    assert all(len(each) == 19 and not set(each) & set("01loiLO") for each in made)
