"""Adds, expires and removes server keys in the tenants file; keeps comments and order."""

import io
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from recommndr.tenancy import ServerKey, Tenants


class NoSuchKey(LookupError):
    """No tenant has a key with this id."""


class ServerKeyFile:
    """An editor of the tenants file; only `save` writes it."""

    def __init__(self, path: Path) -> None:
        """Read it; raises `OSError`, or `ValueError` if it is not a tenants file."""
        self._path = path
        text = path.read_text()
        Tenants.from_yaml(text)
        self._yaml = YAML()
        self._yaml.width = 128
        self._content: Any = self._yaml.load(text)

    def all_keys(self) -> list[tuple[str, ServerKey]]:
        """All keys with their tenants, in the file's order."""
        return [(tenant, ServerKey.model_validate(dict(entry))) for tenant, _, entry in self._entries()]

    def add(self, tenant: str, key: ServerKey) -> None:
        """Add a key to a tenant; raises `ValueError` if the tenant is not in the file."""
        if tenant not in self._content["tenants"]:
            raise ValueError(f"tenant {tenant!r}: expected one of {list(self._content['tenants'])}, which {self._path} has")
        policy = self._content["tenants"][tenant]
        policy["keys"] = [*policy.get("keys", ()), _entry(key)]

    def end(self, key_id: str, at: datetime) -> tuple[str, ServerKey]:
        """Let a key expire at `at`; returns its tenant and the key as it was. Raises `NoSuchKey`."""
        tenant, keys, entry = self._find(key_id)
        was = ServerKey.model_validate(dict(entry))
        keys[keys.index(entry)] = _entry(was.model_copy(update={"expires_at": at}))
        return tenant, was

    def remove(self, key_id: str) -> str:
        """Remove a key; returns its tenant. Raises `NoSuchKey`."""
        tenant, keys, entry = self._find(key_id)
        keys.remove(entry)
        return tenant

    def save(self) -> None:
        """Replace the file atomically; raises `OSError`."""
        text = io.StringIO()
        self._yaml.dump(self._content, text)
        Tenants.from_yaml(text.getvalue())
        draft = self._path.with_name(f"{self._path.name}.draft")
        draft.write_text(text.getvalue())
        shutil.copymode(self._path, draft)
        draft.rename(self._path)

    def _find(self, key_id: str) -> tuple[str, list[Any], Any]:
        for tenant, keys, entry in self._entries():
            if ServerKey.model_validate(dict(entry)).id == key_id:
                return tenant, keys, entry
        raise NoSuchKey(f"key {key_id!r}: expected an id that `recommndr key list` shows")

    def _entries(self) -> Iterator[tuple[str, list[Any], Any]]:
        for tenant, policy in self._content["tenants"].items():
            keys = policy.get("keys", [])
            for entry in keys:
                yield tenant, keys, entry


def _entry(key: ServerKey) -> dict[str, Any]:
    entry: dict[str, Any] = {"sha256": key.sha256, "scopes": list(key.scopes)}
    if key.expires_at is not None:
        entry["expires_at"] = key.expires_at.isoformat()
    if key.note:
        entry["note"] = key.note
    return entry
