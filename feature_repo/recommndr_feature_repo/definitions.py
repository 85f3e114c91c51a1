"""Entities, views and the feature service, generated from the schemas in `recommndr.features`.

All groups of a shopper have one entity, so Feast keeps them in one Redis hash and reads them together.
"""

from feast import Entity, FeatureService, FeatureView, Field, FileSource
from feast.types import Array, FeastType, Float64, Int64, String
from feast.value_type import ValueType

from recommndr.features import added, guests, item, shopper
from recommndr.features.schema import Dtype, FeatureSchema

SHOPPER_KEY = "shopper_key"  # `tenant|user`
ITEM_KEY = "item_key"  # `tenant|item`
EVENT_TIMESTAMP = "event_timestamp"  # time of the newest event in the row

ONLINE_SCHEMAS: tuple[FeatureSchema, ...] = (
    *shopper.SCHEMAS,
    guests.SCHEMA,
    *(group.SCHEMA for group in added.groups()),
)
# Slots tail item features into arrays, because 500 rows through Feast would take 54 ms. Registered for offline use.
OFFLINE_SCHEMAS: tuple[FeatureSchema, ...] = (item.SCHEMA,)

_FEAST_TYPES: dict[Dtype, FeastType] = {
    "int64": Int64,
    "float64": Float64,
    "string": String,
    "int64_list": Array(Int64),
    "float64_list": Array(Float64),
    "string_list": Array(String),
}

SHOPPER = Entity(
    name="shopper",
    join_keys=[SHOPPER_KEY],
    value_type=ValueType.STRING,
    description="a tenant's shopper, keyed tenant|user",
)
ITEM = Entity(
    name="item",
    join_keys=[ITEM_KEY],
    value_type=ValueType.STRING,
    description="a tenant's item, keyed tenant|item",
)
ENTITIES = {"user": SHOPPER, "item": ITEM}


def view_of(schema: FeatureSchema, online: bool) -> FeatureView:
    """The Feast view of one feature group; its offline rows are in `feature_rows/<group>` of the lake."""
    return FeatureView(
        name=schema.name,
        entities=[ENTITIES[schema.entity]],
        ttl=schema.ttl,
        schema=[
            Field(name=field.name, dtype=_FEAST_TYPES[field.dtype], description=field.description) for field in schema.fields
        ],
        source=FileSource(
            name=f"{schema.name}_rows", path=f"feature_rows/{schema.name}", timestamp_field=EVENT_TIMESTAMP, owner=schema.owner
        ),
        online=online,
        owner=schema.owner,
    )


ONLINE_VIEWS = tuple(view_of(schema, online=True) for schema in ONLINE_SCHEMAS)
OFFLINE_VIEWS = tuple(view_of(schema, online=False) for schema in OFFLINE_SCHEMAS)

FEATURE_SERVICE = FeatureService(
    name="shopper_row",
    features=list(ONLINE_VIEWS),
    description="everything that a request reads of a shopper, in one read",
    owner=ONLINE_SCHEMAS[0].owner,
)
DEFINITIONS = (SHOPPER, ITEM, *ONLINE_VIEWS, *OFFLINE_VIEWS, FEATURE_SERVICE)
