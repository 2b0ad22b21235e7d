from __future__ import annotations

from wecreate_module.synapse.partners import Partners


def test_without_a_list_every_server_takes_part() -> None:
    partners = Partners("home.example", None)
    assert partners.allow("anyone.example")
    assert partners.acl() is None


def test_an_empty_list_keeps_boxes_to_this_server() -> None:
    partners = Partners("home.example:8448", frozenset())
    assert partners.allow("home.example:8448")
    assert not partners.allow("other.example")


def test_a_partner_without_port_covers_all_its_ports_but_not_the_other_way_round() -> None:
    partners = Partners("home.example", frozenset({"one.example", "two.example:8448"}))
    assert partners.allow("ONE.example:1234")
    assert partners.allow("two.example:8448")
    assert not partners.allow("two.example")
    assert not partners.allow("one.example.evil.example")


def test_the_acl_names_servers_with_and_without_port() -> None:
    acl = Partners("localhost:18448", frozenset({"two.example:8448"})).acl()
    assert acl == {
        "allow": ["localhost", "localhost:18448", "two.example", "two.example:8448"],
        "deny": [],
        "allow_ip_literals": False,
    }


def test_a_partner_that_is_an_address_is_let_in() -> None:
    for name in ("127.0.0.2:8448", "[::1]:8448", "[::1]"):
        acl = Partners("home.example", frozenset({name})).acl()
        assert acl is not None
        assert acl["allow_ip_literals"]


def test_what_is_no_user_id_is_no_partner() -> None:
    partners = Partners("home.example", frozenset())
    assert not partners.allow_user(None)
    assert not partners.allow_user("home.example")
    assert not partners.allow_user("")
