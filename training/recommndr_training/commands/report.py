"""`recommndr report`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from recommndr.identity import check_tenant
from recommndr_simulation.real_logs import DEFAULT_DIR, real_logs
from recommndr_simulation.report import REPORT, Report, read_shop
from recommndr_training.commands.console import explained, settings


class Against(StrEnum):
    """What stands beside a shop's figures."""

    NOTHING = "nothing"
    REAL = "real"


def report(
    tenant: Annotated[str, typer.Option(help="Whose events.")],
    lake: Annotated[Path | None, typer.Option(help="The lake to read; the installation's own when not given.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write; var/reports/<tenant> when not given.")] = None,
    against: Annotated[Against, typer.Option(help="real: figures of real shops beside the tenant's.")] = Against.NOTHING,
    real_dir: Annotated[Path, typer.Option(help="Real data sets, counted by the same code where they are.")] = DEFAULT_DIR,
) -> None:
    """Write what a shop's events look like: figures and pictures, beside those of real shops where asked."""
    with explained(ValueError):
        shop = read_shop(lake or settings().lake_dir, check_tenant(tenant))
        compared = against is Against.REAL
        directory = out or Path("var/reports") / tenant
        Report(tenant, shop, compared, real_logs(real_dir) if compared else {}).write(directory)
    typer.echo(f"report: {directory / REPORT}")
