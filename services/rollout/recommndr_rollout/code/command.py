"""`recommndr-rollout code …`: releases of code, as the API has them."""

import os
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import httpx
import typer

from recommndr.audit_log import AuditLog, operator
from recommndr.release import SLOTS, WEIGHT_TOTAL, StaleRecord
from recommndr.settings import Settings, load
from recommndr_rollout.code.made_moves import CodeMove, CodeMoves
from recommndr_rollout.code.record import Code
from recommndr_rollout.code.store import CodeStore
from recommndr_rollout.file_store import FileReleaseStore
from recommndr_rollout.slots import HttpSlots, slot_urls

app = typer.Typer(
    help="Releases of code: all shops go to one slot, the other runs the new code, and then tries it with all shops.",
    no_args_is_help=True,
)
Revision = Annotated[str, typer.Argument(help="its name: a commit, or the tag of an image")]
Reason = Annotated[str, typer.Option(help="why; it is kept in the record and the audit log")]
By = Annotated[str, typer.Option(help="name for the audit log; by default that of your account")]
_NO_REASON = "no reason given"
_TIMEOUT_S = 5.0


@app.command()
def start(
    revision: Revision,
    checkout: Annotated[
        Path | None, typer.Option(help="natively the folder of the checkout to run; its environment must be set up")
    ] = None,
    reason: Reason = _NO_REASON,
    by: By = "",
) -> None:
    """Release code: it warms in the slot without traffic, then gets 1, 10, 50 and 100 % of every shop while it is healthy."""
    if checkout is not None and not slot_program(checkout).exists():
        raise typer.BadParameter(f"{slot_program(checkout)}: missing; run `make setup` in that checkout")
    _move("start", reason, by, Code(revision=revision, checkout="" if checkout is None else str(checkout.resolve())))


@app.command()
def pause(reason: Reason = _NO_REASON, by: By = "") -> None:
    """Take no step forward until resumed; a failing rule still takes the traffic back."""
    _move("pause", reason, by)


@app.command()
def resume(reason: Reason = _NO_REASON, by: By = "") -> None:
    """Let a paused code release go on."""
    _move("resume", reason, by)


@app.command()
def promote(reason: Reason = _NO_REASON, by: By = "") -> None:
    """Give the candidate all traffic now, whatever the rules say."""
    _move("promote", reason, by)


@app.command()
def rollback(reason: Reason = _NO_REASON, by: By = "") -> None:
    """Give all traffic back at once, also in the watch after a promotion; the code is barred."""
    _move("rollback", reason, by)


@app.command()
def lift(revision: Revision, reason: Reason = _NO_REASON, by: By = "") -> None:
    """Lift the bar of code that failed, so that it can be started again."""
    _move("lift", reason, by, Code(revision=revision))


@app.command()
def status() -> None:
    """Show the code release under way or the last one, and which code each slot runs."""
    settings = load(os.environ)
    code = CodeStore(settings.code_release_file).load()
    if code is None:
        typer.echo("no code release yet")
        return
    with closing(httpx.Client(timeout=_TIMEOUT_S, trust_env=False)) as client:
        running = HttpSlots(client, slot_urls(settings)).running()
    share = f", {100 * code.weight / WEIGHT_TOTAL:g} % of every shop" if code.weight else ""
    typer.echo(f"{code.release_id}: {code.phase}{share}; {code.steps[-1].reason}")
    for slot in SLOTS:
        typer.echo(f"{slot}: runs {running.get(slot, 'nothing that answers')!r}, should run {code.code_in(slot).revision!r}")


def slot_program(checkout: Path) -> Path:
    """The program of a slot in a checkout's environment."""
    return checkout / ".venv" / "bin" / "recommndr-serving"


def code_moves(settings: Settings, client: httpx.Client) -> CodeMoves:
    """Moves on the installation's record."""
    slots = HttpSlots(client, slot_urls(settings))
    store = CodeStore(settings.code_release_file)
    releases, audit = FileReleaseStore(settings.releases_dir), AuditLog(settings.audit_file)
    return CodeMoves(store, releases, audit, lambda: datetime.now(UTC), slots.running)


def _move(move: CodeMove, reason: str, by: str, code: Code | None = None) -> None:
    with closing(httpx.Client(timeout=_TIMEOUT_S, trust_env=False)) as client:
        try:
            saved = code_moves(load(os.environ), client).make(move, by or operator(), reason, code)
        except (StaleRecord, ValueError) as refused:  # MoveRefused is a ValueError
            typer.echo(f"refused: {refused}", err=True)
            raise typer.Exit(1) from None
    typer.echo(f"{saved.release_id}: {saved.phase}, record {saved.record_version}")
