"""`recommndr report`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from recommndr.identity import check_tenant
from recommndr_simulation.real_logs import DEFAULT_DIR, real_logs
from recommndr_simulation.report import REPORT, Report, read_shop
from recommndr_training.console import explained, settings


class Against(StrEnum):
    """The data to compare a shop with."""

    NOTHING = "nothing"
    REAL = "real"


def report(
    tenant: Annotated[str, typer.Option(help="Whose events.")],
    lake: Annotated[Path | None, typer.Option(help="Lake to read; by default the installation's.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder to write; by default var/reports/<tenant>.")] = None,
    against: Annotated[Against, typer.Option(help="real: figures of real shops beside the tenant's.")] = Against.NOTHING,
    real_dir: Annotated[Path, typer.Option(help="Folder of the real data sets.")] = DEFAULT_DIR,
) -> None:
    """Write statistics and plots of a shop's events, with --against beside those of real shops."""
    with explained(ValueError):
        shop = read_shop(lake or settings().lake_dir, check_tenant(tenant))
        compared = against is Against.REAL
        directory = out or Path("var/reports") / tenant
        Report(tenant, shop, compared, real_logs(real_dir) if compared else {}).write(directory)
    typer.echo(f"report: {directory / REPORT}")
