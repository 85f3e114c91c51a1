"""Ids and keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommndr.identity import check_entity_id, check_tenant, entity_key, split_key
from recommndr.topics import SEED_SIDES, seed_key, split_seed_key

tenants = st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True)
entities = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=32)


@given(tenants, entities)
def test_a_key_splits_into_what_made_it(tenant: str, entity: str) -> None:
    assert split_key(entity_key(check_tenant(tenant), check_entity_id(entity))) == (tenant, entity)


@given(tenants, st.sampled_from(["user", "item"]), st.sampled_from(SEED_SIDES), entities)
def test_a_seed_key_splits_into_what_made_it(tenant: str, group: str, side: int, entity: str) -> None:
    assert split_seed_key(seed_key(tenant, group, side, entity)) == (tenant, group, side, entity)


@pytest.mark.parametrize("key", [b"grocer", b"grocer|u1", b"grocer|user:u1", b"grocer|user.2:u1"])
def test_another_key_is_no_seeds(key: bytes) -> None:
    with pytest.raises(ValueError, match="expected"):
        split_seed_key(key)


@given(tenants, tenants, entities, entities)
def test_no_two_entities_share_a_key(a: str, b: str, x: str, y: str) -> None:
    assert (entity_key(a, x) == entity_key(b, y)) == ((a, x) == (b, y))


@pytest.mark.parametrize("tenant", ["", "A", "a|b", "a_b", "a" * 33, "ä"])
def test_a_bad_tenant_is_refused(tenant: str) -> None:
    with pytest.raises(ValueError, match="expected 1-32"):
        check_tenant(tenant)


@pytest.mark.parametrize("entity", ["", "a\n", "\x7f", "a" * 129, "ü" * 65, "\ud800"])
def test_a_bad_id_is_refused(entity: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        check_entity_id(entity)


@pytest.mark.parametrize("key", [b"", b"no bar"])
def test_a_key_without_a_tenant_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError, match="expected tenant"):
        split_key(key)
