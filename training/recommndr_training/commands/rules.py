"""`recommndr rules`: reads and changes a shop's business rules on the running platform, through its API."""

import json
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from recommndr.business_rules import KINDS
from recommndr.identity import check_tenant
from recommndr_simulation.storefront import Failed, NoAccess
from recommndr_training.commands.live_run import admin_key
from recommndr_training.console import explained, settings

_TIMEOUT_S = 20.0

app = typer.Typer(
    help="Business rules of a shop: pin, boost, bury, block, cap, not_again. All slots follow within seconds.",
    no_args_is_help=True,
)
Tenant = Annotated[str, typer.Option(help="Whose rules.")]
RuleName = Annotated[str, typer.Argument(help="Id of the rule: a-z, 0-9 and '-'.", show_default=False)]
KeyFile = Annotated[
    Path | None, typer.Option(help="File with a server key with the scope catalogue; by default var/keys/admin/<tenant>.")
]


@app.command("list")
def list_rules(
    tenant: Tenant,
    as_json: Annotated[bool, typer.Option("--json", help="As the API answers them.")] = False,
    key_file: KeyFile = None,
) -> None:
    """Show all rules: id, kind, whether it is in force, what it says, why, who set it."""
    with explained(Failed, NoAccess, OSError, ValueError):
        found = _answer(tenant, key_file, "GET", "/rules")["rules"]
        if as_json:
            typer.echo(json.dumps(found, indent=2))
            return
        table = Table("id", "kind", "in force", "says", "reason", "set by", box=None)
        for one in found:
            rule = one["rule"]
            told = {name: value for name, value in rule.items() if name not in {"kind", "reason"}}
            in_force = "yes" if one["in_force"] else "no"
            table.add_row(one["rule_id"], rule["kind"], in_force, json.dumps(told), rule["reason"], one["set_by"])
        Console(width=None if Console().is_terminal else 200).print(table)


@app.command("set")
def set_rule(
    tenant: Tenant,
    rule_id: RuleName,
    rule: Annotated[
        str,
        typer.Argument(
            help=f"The rule as JSON, or @file; its kind is one of {', '.join(KINDS)}: "
            '{"kind": "block", "reason": "recalled", "target": {"items": ["soft-cheese"]}}.',
            show_default=False,
        ),
    ],
    key_file: KeyFile = None,
) -> None:
    """Set a rule, or replace the one of this id."""
    with explained(Failed, NoAccess, OSError, ValueError):
        text = Path(rule[1:]).read_text() if rule.startswith("@") else rule
        said = _answer(tenant, key_file, "PUT", f"/rules/{rule_id}", text)
        typer.echo(json.dumps(said))


@app.command("remove")
def remove_rule(tenant: Tenant, rule_id: RuleName, key_file: KeyFile = None) -> None:
    """Remove a rule."""
    with explained(Failed, NoAccess, OSError, ValueError):
        typer.echo(json.dumps(_answer(tenant, key_file, "DELETE", f"/rules/{rule_id}")))


def _answer(tenant: str, key_file: Path | None, method: str, path: str, body: str | None = None) -> Any:
    key = admin_key(check_tenant(tenant), key_file)
    known = settings()
    headers = {"authorization": f"Bearer {key}", "x-recommndr-tenant": tenant, "content-type": "application/json"}
    url = f"{known.envoy_url}{path}"
    try:
        with httpx.Client(timeout=_TIMEOUT_S, trust_env=False, verify=known.edge_trust()) as client:
            answer = client.request(method, url, content=body, headers=headers)
    except httpx.HTTPError as cause:
        raise Failed("unreachable", f"{url}: {cause!r}: is the installation running (`make demo`, `make serve`)?") from cause
    if answer.status_code != httpx.codes.OK:
        raise Failed(str(answer.status_code), f"{method} {path}: {answer.status_code} {answer.text}")
    return answer.json()
