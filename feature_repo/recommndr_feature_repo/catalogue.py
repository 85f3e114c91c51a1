"""The feature catalogue in markdown, generated from the same schemas Feast registers."""

from recommndr.features.schema import FeatureSchema
from recommndr_feature_repo.definitions import ENTITIES, OFFLINE_SCHEMAS, ONLINE_SCHEMAS


def docs_table() -> str:
    """One section per feature group with one row per feature."""
    sections = [_section(schema, "online and offline") for schema in ONLINE_SCHEMAS]
    sections += [_section(schema, "offline; slots tail its topic into arrays") for schema in OFFLINE_SCHEMAS]
    return "\n\n".join(sections) + "\n"


def _section(schema: FeatureSchema, where: str) -> str:
    join_key = ENTITIES[schema.entity].join_key
    rows = [f"| `{f.name}` | {f.dtype} | `{f.default!r}` | {f.description} |" for f in schema.fields]
    return "\n".join(
        [
            f"## {schema.name}",
            "",
            f"Entity `{ENTITIES[schema.entity].name}` (join key `{join_key}`), kept {schema.ttl.days} days, "
            f"owner {schema.owner}, {where}.",
            "",
            "| feature | type | default | description |",
            "|---|---|---|---|",
            *rows,
        ]
    )
