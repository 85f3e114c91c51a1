"""`recommndr erase`."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from itertools import chain
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import httpx
import typer
from kafka.errors import KafkaError

from recommndr.identity import check_entity_id, check_tenant
from recommndr_simulation.storefront import Failed, NoAccess
from recommndr_training.commands.live_run import admin_key
from recommndr_training.console import explained, settings
from recommndr_training.live.edge_client import connect
from recommndr_training.live.online_traces import OnlineStoreAway, in_online_store, of_guests
from recommndr_training.live.shopper_traces import guests_in_kafka, guests_in_lake, in_kafka, in_lake


def erase(
    tenant: Annotated[str, typer.Option(help="Whose shoppers.")],
    user_ids: Annotated[list[str] | None, typer.Argument(help="Ids of shoppers.")] = None,
    ids_file: Annotated[Path | None, typer.Option(help="File with more ids, one a line.")] = None,
    report: Annotated[bool, typer.Option("--report", help="Erase nothing; search every place and say what is left.")] = False,
    key_file: Annotated[
        Path | None, typer.Option(help="File with a server key with all scopes; by default var/keys/admin/<tenant>.")
    ] = None,
) -> None:
    """Erase shoppers from the running platform, or report where something of them is left and until when."""
    with explained(Failed, NoAccess, KafkaError, OnlineStoreAway, OSError, ValueError):
        ids = [*(user_ids or []), *(ids_file.read_text().splitlines() if ids_file else [])]
        if not ids:
            raise ValueError("no ids: name shoppers, or a file with one a line (--ids-file)")
        for user_id in ids:
            check_entity_id(user_id)
        check_tenant(tenant)
        if report:
            for found in _reports(tenant, ids):
                typer.echo(json.dumps(found, default=str))
        else:
            asyncio.run(_erase_all(tenant, admin_key(tenant, key_file), ids))


def _reports(tenant: str, user_ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    installation = settings()
    lake_dir, retention = installation.lake_dir, timedelta(hours=installation.lake_retention_hours)
    served_kept = timedelta(days=installation.lake_served_days)
    of_kafka = in_kafka(installation.kafka, tenant, user_ids)
    guest_ids = guests_in_kafka(installation.kafka, tenant, user_ids)
    for user_id in user_ids:
        guest_ids[user_id] |= guests_in_lake(lake_dir, tenant, user_id)
    everybody = {*user_ids, *chain.from_iterable(guest_ids.values())}
    online = in_online_store(installation.redis_login_url, tenant, everybody)
    for user_id in user_ids:
        found = [*in_lake(lake_dir, tenant, user_id, retention, served_kept), *of_kafka[user_id], online[user_id]]
        found += of_guests(online, sorted(guest_ids[user_id] - {user_id}))
        left = [trace for trace in found if trace.n_found and trace.until is None]
        yield {"tenant": tenant, "user_id": user_id, "stays": bool(left), "places": [asdict(trace) for trace in found]}


async def _erase_all(tenant: str, key: str, user_ids: Sequence[str]) -> None:
    """One after the other; stops at the first that fails, and the same command may be run again."""
    async with connect(settings(), tenant, key, in_flight=1) as http:
        for user_id in user_ids:
            try:
                answer = await http.delete(f"/users/{quote(user_id, safe='')}")
            except httpx.HTTPError as cause:
                raise Failed("unreachable", f"{user_id!r} and those after it were not erased: {cause!r}") from cause
            if answer.status_code != 202:
                raise Failed(str(answer.status_code), f"{user_id!r} and those after it were not erased: {answer.text}")
            typer.echo(json.dumps({"user_id": user_id} | answer.json()))
