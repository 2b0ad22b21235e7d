from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from wecreate_module.domain.calendar_sync import Common, Do, Step, Version, deletes_much, plan

SAME = Common("o1", "t1", "A")
OURS, THEIRS = Version("o1", "A"), Version("t1", "A")
OURS_NEW, THEIRS_NEW = Version("o2", "B"), Version("t2", "C")


def decided(before: Common | None, ours: Version | None, theirs: Version | None) -> list[Do]:
    common = {"x": before} if before else {}
    steps = plan(common, {"x": ours} if ours else {}, {"x": theirs} if theirs else {})
    return [step.do for step in steps]


def test_what_is_new_on_one_side_comes_to_the_other() -> None:
    assert decided(None, OURS, None) == [Do.ADD_THERE]
    assert decided(None, None, THEIRS) == [Do.ADD_HERE]


def test_what_was_changed_on_one_side_is_changed_on_the_other() -> None:
    assert decided(SAME, OURS_NEW, THEIRS) == [Do.CHANGE_THERE]
    assert decided(SAME, OURS, THEIRS_NEW) == [Do.CHANGE_HERE]


def test_what_was_deleted_on_one_side_is_deleted_on_the_other() -> None:
    assert decided(SAME, None, THEIRS) == [Do.DELETE_THERE]
    assert decided(SAME, OURS, None) == [Do.DELETE_HERE]
    assert decided(SAME, None, None) == [Do.FORGET]


def test_an_edit_counts_more_than_a_deletion() -> None:
    assert decided(SAME, OURS_NEW, None) == [Do.ADD_THERE]
    assert decided(SAME, None, THEIRS_NEW) == [Do.ADD_HERE]


def test_two_edits_are_both_kept_unless_they_say_the_same() -> None:
    assert decided(SAME, OURS_NEW, THEIRS_NEW) == [Do.KEEP_BOTH]
    assert decided(SAME, OURS_NEW, Version("t2", "B")) == [Do.AGREE]
    assert decided(None, OURS_NEW, THEIRS_NEW) == [Do.KEEP_BOTH]
    assert decided(None, OURS, THEIRS) == [Do.AGREE]


def test_a_new_etag_of_the_same_content_is_no_edit() -> None:
    assert decided(SAME, Version("o2", "A"), THEIRS_NEW) == [Do.CHANGE_HERE]
    assert decided(SAME, Version("o2", "A"), None) == [Do.DELETE_HERE]
    assert decided(SAME, OURS, THEIRS) == []


def test_what_is_held_is_left_alone() -> None:
    assert plan({"x": SAME}, {}, {"x": THEIRS}, held={"x"}) == []


def test_many_deletions_at_once_want_a_yes() -> None:
    def much(gone: int, known: int) -> bool:
        return deletes_much([Step(Do.DELETE_HERE, str(n)) for n in range(gone)], known)

    assert not much(0, 0)
    assert not much(1, 1)
    assert much(2, 2)
    assert not much(4, 10)
    assert much(5, 10)
    assert not much(20, 100)
    assert much(26, 100)


versions = st.none() | st.builds(Version, st.sampled_from("123"), st.sampled_from("ABC"))
commons = st.none() | st.builds(Common, *[st.sampled_from("123")] * 2, st.sampled_from("ABC"))


@given(commons, versions, versions)
def test_nothing_that_only_one_side_says_is_ever_overwritten_or_deleted(
    before: Common | None, ours: Version | None, theirs: Version | None
) -> None:
    for do in decided(before, ours, theirs):
        known = {before.content} if before else set()
        if do in {Do.CHANGE_HERE, Do.DELETE_HERE} and before and ours:
            assert ours.etag == before.ours or ours.content in known
        if do in {Do.CHANGE_THERE, Do.DELETE_THERE} and before and theirs:
            assert theirs.etag == before.theirs or theirs.content in known
        if before is None:
            assert do in {Do.ADD_HERE, Do.ADD_THERE, Do.KEEP_BOTH, Do.AGREE, Do.FORGET}
