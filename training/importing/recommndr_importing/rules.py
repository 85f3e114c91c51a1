"""Which version of the import's rules a tenant's imported rows follow: rows of two versions must not lie in one lake.

The rules say which event a row is. Under other rules the same row is another event, so importing a file again would add all of
its events a second time.
"""

from recommndr_lake_writer.delta import EventsTable

# To be raised with every change of what an event's id or a line's number is made of (`row_ids`, `order_times`).
# 1, which no lake was marked with: orders were known by their number alone. 2: by shopper, number and day.
RULES_VERSION = 2


class OtherRules(ValueError):
    """The lake holds rows of the tenant that follow other rules, or nobody knows which."""


def check_rules(lake: EventsTable, tenant: str) -> None:
    """Raise `OtherRules` unless new rows of a tenant may lie beside those that the lake has."""
    marked = lake.import_rules(tenant)
    if marked == RULES_VERSION or (marked is None and not lake.has_imported(tenant)):
        return
    found = "of an unknown version" if marked is None else f"of version {marked}"
    raise OtherRules(
        f"{lake.directory}: holds imported or simulated events of {tenant} {found}; this release makes the ids of events by "
        f"version {RULES_VERSION} of its rules and would add the same events again. Import the whole log once with --replace: "
        f"recommndr import FILES --tenant {tenant} --mapping MAPPING --lake {lake.directory} --replace"
    )
