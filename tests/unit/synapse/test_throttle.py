from __future__ import annotations

from wecreate_module.synapse.throttle import ADDRESSES, BURST, PER_SECOND, Throttle


def test_an_address_that_asks_too_much_waits_and_others_do_not() -> None:
    now = 0.0
    throttle = Throttle(lambda: now)
    assert not any(throttle.wait("192.0.2.1") for _ in range(BURST))
    assert 0 < throttle.wait("192.0.2.1") <= 1 / PER_SECOND
    assert throttle.wait("192.0.2.2") == 0
    now += 1 / PER_SECOND
    assert throttle.wait("192.0.2.1") == 0
    assert throttle.wait("192.0.2.1") > 0


def test_this_machine_is_not_slowed_down() -> None:
    throttle = Throttle(lambda: 0.0)
    assert not any(throttle.wait("") for _ in range(BURST * 2))


def test_only_so_many_addresses_are_remembered() -> None:
    throttle = Throttle(lambda: 0.0)
    for number in range(ADDRESSES + 5):
        throttle.wait(str(number))
    assert len(throttle._buckets) == ADDRESSES
