"""The version of the import's rules. A lake must not hold rows of two versions for one tenant.

The rules decide the id of a row's event. Under other rules a row gets another id, so importing a file again would add all
its events a second time.
"""

from recommndr_lake_writer.delta import EventsTable

# Raise this with every change to how event ids or line numbers are computed (`row_ids`, `order_times`).
# 1 (lakes have no mark): an order was identified by its number alone. 2: by shopper, number and day.
RULES_VERSION = 2


class OtherRules(ValueError):
    """The lake holds rows of the tenant that follow other or unknown rules."""


def check_rules(lake: EventsTable, tenant: str) -> None:
    """Raise `OtherRules` unless new rows of a tenant may be added to those in the lake."""
    marked = lake.import_rules(tenant)
    if marked == RULES_VERSION or (marked is None and not lake.has_imported(tenant)):
        return
    found = "of an unknown version" if marked is None else f"of version {marked}"
    raise OtherRules(
        f"{lake.directory}: holds imported or simulated events of {tenant} {found}; this release makes the ids of events by "
        f"version {RULES_VERSION} of its rules and would add the same events again. Import the whole log once with --replace: "
        f"recommndr import FILES --tenant {tenant} --mapping MAPPING --lake {lake.directory} --replace"
    )
