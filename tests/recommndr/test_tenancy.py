"""Tenants and their keys."""

import pytest
from pydantic import ValidationError

from recommndr.tenancy import Tenants, UnknownKey, hash_key, new_server_key

KEY = new_server_key("grocer")
READER = new_server_key("grocer")
TENANTS = Tenants.from_yaml(f"""
tenants:
  grocer:
    weights: {{view: 0.5}}
    keys:
      - sha256: {hash_key(KEY)}
      - sha256: {hash_key(READER)}
        scopes: [read]
  other: {{}}
""")


def test_the_tenant_comes_from_the_key() -> None:
    assert TENANTS.authenticate(KEY, "admin") == "grocer"
    assert TENANTS.authenticate(READER, "read") == "grocer"


@pytest.mark.parametrize(
    "key", ["", "rk", "rk_grocer", "rk_grocer_", "rk_grocer_guess", KEY.replace("grocer", "other"), KEY + "x", "rk_none_a"]
)
def test_an_unknown_key_is_nobodys(key: str) -> None:
    with pytest.raises(UnknownKey):
        TENANTS.authenticate(key, "read")


def test_a_key_without_the_scope_says_what_it_has() -> None:
    with pytest.raises(PermissionError, match=r"lacks scope 'events': it has \['read'\]"):
        TENANTS.authenticate(READER, "events")


def test_a_tenant_may_change_a_weight_and_keeps_the_others() -> None:
    policy = TENANTS.tenants["grocer"]  # type: ignore[index]
    assert (policy.weight("view"), policy.weight("purchase")) == (0.5, 5.0)


@pytest.mark.parametrize(
    ("yaml", "named"),
    [
        ("tenants: {Grocer: {}}", "Grocer"),
        ("tenants: {grocer: {wieghts: {}}}", "wieghts"),
        ("tenants: {grocer: {weights: {stare: 1}}}", "stare"),
        ("tenants: {grocer: {keys: [{sha256: rk_grocer_plain}]}}", "sha256"),
    ],
)
def test_a_wrong_file_is_refused_by_name(yaml: str, named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        Tenants.from_yaml(yaml)
