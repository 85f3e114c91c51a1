"""Stage validate_features: checks all seed states before they are bundled and published (Great Expectations)."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import typer

from recommndr.seed import GROUP_ITEM, GROUP_USER
from recommndr_training import params
from recommndr_training.console import explained
from recommndr_training.params import DataParams
from recommndr_training.shipping import seed
from recommndr_training.shipping.seed import EntityState, SeedFile
from recommndr_training.validation.checking import Checked
from recommndr_training.validation.features import Bounds, check_items, check_shoppers
from recommndr_training.validation.refusal import Refused
from recommndr_training.validation.verdict import conclude


def validate(seeds: SeedFile, data: DataParams) -> list[Checked]:
    """Outcomes of the suites of shoppers' and items' features."""
    bounds = Bounds(
        since_s=data.since.timestamp(),
        until_s=seeds.until_s,
        purchase_half_life_s=data.purchase_half_life_s,
        empty_shoppers_share=data.limits.empty_shoppers_share,
    )
    shoppers, items = (_of_group(seeds.rows, group) for group in (GROUP_USER, GROUP_ITEM))
    return check_shoppers(shoppers, bounds) + check_items(items, bounds)


def _of_group(rows: Sequence[EntityState], group: str) -> Iterator[tuple[str, bytes]]:
    return ((row.entity, row.state) for row in rows if row.group == group)


def main(profile: str = typer.Option(..., help="profile of params.yaml")) -> None:
    """Check the seed states of a profile; prints the failing entities and exits with status 1 if they must not be published."""
    with explained(Refused):
        data, directory = params.data(profile), params.profile_dir(profile)
        seeds = seed.read(seed.seed_path(profile))
        n_rows = {group: sum(row.group == group for row in seeds.rows) for group in (GROUP_USER, GROUP_ITEM)}
        conclude(validate(seeds, data), n_rows, directory / "validate_features", datetime.now(UTC))


if __name__ == "__main__":
    typer.run(main)
