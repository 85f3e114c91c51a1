"""Tenants and their keys."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from pydantic import ValidationError

from recommndr.events import FIRST_OWN_CODE, KINDS
from recommndr.identity import TenantId
from recommndr.tenancy import KeyHolder, ServerKey, TenantPolicy, Tenants, UnknownKey, hash_key, new_server_key

NOW = datetime(2026, 3, 1, tzinfo=UTC)
GROCER = TenantId("grocer")
KEY = new_server_key("grocer")
READER = new_server_key("grocer")
TENANTS = Tenants.from_yaml(f"""
tenants:
  grocer:
    weights: {{view: 0.5}}
    keys:
      - sha256: {hash_key(KEY)}
        scopes: [catalogue]
      - sha256: {hash_key(READER)}
        scopes: [read]
  other: {{}}
""")


def test_the_tenant_comes_from_the_key() -> None:
    assert TENANTS.authenticate(KEY, "catalogue", now=NOW).tenant == "grocer"
    assert TENANTS.authenticate(READER, "read", now=NOW).tenant == "grocer"


def test_a_key_reads_and_sends_events_unless_it_was_made_for_more() -> None:
    tenants = Tenants(tenants={GROCER: TenantPolicy(keys=(ServerKey(sha256=hash_key(KEY)),))})
    assert tenants.authenticate(KEY, "read", "events", now=NOW) == KeyHolder(GROCER, ServerKey(sha256=hash_key(KEY)).id)
    with pytest.raises(PermissionError, match="lacks scope 'catalogue'"):
        tenants.authenticate(KEY, "catalogue", now=NOW)


def test_a_key_is_good_until_its_end_and_unknown_from_then_on() -> None:
    end = NOW + timedelta(days=1)
    tenants = Tenants(tenants={GROCER: TenantPolicy(keys=(ServerKey(sha256=hash_key(KEY), expires_at=end),))})
    assert tenants.authenticate(KEY, now=end - timedelta(microseconds=1)).tenant == GROCER
    with pytest.raises(UnknownKey, match="unknown, revoked or expired"):
        tenants.authenticate(KEY, now=end)


def test_a_keys_id_gives_nothing_of_it_away() -> None:
    assert ServerKey(sha256=hash_key(KEY)).id == f"k{hash_key(KEY)[:10]}"


@pytest.mark.parametrize(
    "key",
    [
        *("", "rk", "rk_grocer", "rk_grocer_", "rk_grocer_guess", "rk_none_a"),
        pytest.param(KEY.replace("grocer", "other"), id="another tenant's"),
        pytest.param(KEY + "x", id="longer"),
    ],
)
def test_an_unknown_key_is_nobodys(key: str) -> None:
    with pytest.raises(UnknownKey):
        TENANTS.authenticate(key, "read", now=NOW)


def test_a_key_without_the_scope_says_what_it_has() -> None:
    with pytest.raises(PermissionError, match=r"lacks scope 'events': it has \['read'\]"):
        TENANTS.authenticate(READER, "events", now=NOW)


def test_a_tenant_may_change_a_weight_and_keeps_the_others() -> None:
    policy = TENANTS.tenants["grocer"]  # type: ignore[index]
    assert (policy.weight("view"), policy.weight("purchase")) == (0.5, 5.0)


def test_kinds_of_its_own_have_codes_by_place_and_weights() -> None:
    policy = TenantPolicy(own_kinds=("interest", "apply"), weights={"interest": 2.0, "apply": 8.0}, target_kind="apply")
    assert policy.kinds == (*KINDS, "interest", "apply")
    assert [policy.kind_code(kind) for kind in ("view", "interest", "apply")] == [0, FIRST_OWN_CODE, FIRST_OWN_CODE + 1]
    by_code = policy.weights_by_code()
    assert by_code.tolist() == [*(policy.weight(kind) for kind in policy.kinds), 0.0, 0.0, 0.0]
    np.testing.assert_allclose(policy.relative_weights() * 8.0, by_code)
    assert policy.relative_weights()[policy.kind_code("apply")] == 1.0


@pytest.mark.parametrize("ask", [TenantPolicy().weight, TenantPolicy().kind_code])
def test_a_kind_the_tenant_does_not_have_is_refused_by_name(ask: Callable[[str], float]) -> None:
    with pytest.raises(ValueError, match=r"kind 'apply': expected one of \['view'"):
        ask("apply")


@pytest.mark.parametrize(
    ("yaml", "named"),
    [
        ("tenants: {Grocer: {}}", "Grocer"),
        ("tenants: {grocer: {wieghts: {}}}", "wieghts"),
        ("tenants: {grocer: {weights: {stare: 1}}}", "stare"),
        ("tenants: {grocer: {weights: {view: .nan}}}", "view"),
        ("tenants: {grocer: {target_kind: stare}}", "stare"),
        ("tenants: {grocer: {target_kind: impression}}", "expected > 0"),
        ("tenants: {grocer: {own_kinds: [stare]}}", "expected a weight"),
        ("tenants: {grocer: {own_kinds: [Stare], weights: {Stare: 1}}}", "own_kinds"),
        ("tenants: {grocer: {own_kinds: [view]}}", "no kind has yet"),
        ("tenants: {grocer: {blocked_categories: [[]]}}", "would block every item"),
        ("tenants: {grocer: {own_kinds: [identify], weights: {identify: 1}}}", "no kind has yet"),
        ("tenants: {grocer: {own_kinds: [a, a], weights: {a: 1}}}", "each name once"),
        ("tenants: {grocer: {own_kinds: [a, b, c, d, e, f], weights: {a: 1}}}", "at most 5"),
        ("tenants: {grocer: {keys: [{sha256: rk_grocer_plain}]}}", "sha256"),
    ],
)
def test_a_wrong_file_is_refused_by_name(yaml: str, named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        Tenants.from_yaml(yaml)


def test_what_is_not_yaml_is_a_value_error_that_says_where() -> None:
    with pytest.raises(ValueError, match=r"(?s)not YAML.*line 2"):
        Tenants.from_yaml("tenants: {grocer: [")


@pytest.mark.parametrize("origin", ["https://shop.example/", "shop.example", "*", "https://shop.example/path", "null", ""])
def test_an_origin_that_no_browser_would_send_is_refused(origin: str) -> None:
    with pytest.raises(ValueError, match="origins"):
        TenantPolicy(origins=(origin,))


@pytest.mark.parametrize("network", ["10.0.0.0/33", "shop.example", "10.0.0.7/8", ""])
def test_an_address_list_holds_networks(network: str) -> None:
    assert TenantPolicy(denied_addresses=("10.0.0.7", "2001:db8::/32")).denied_addresses == ("10.0.0.7/32", "2001:db8::/32")
    with pytest.raises(ValueError, match="denied_addresses"):
        TenantPolicy(denied_addresses=(network,))
