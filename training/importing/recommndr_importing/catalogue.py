"""Joins the catalogue of a new part of a log with the one before it. Pure."""

import pyarrow as pa
import pyarrow.compute as pc

from recommndr_lake_writer.items import SCHEMA


def joined(before: pa.Table, said: pa.Table) -> pa.Table:
    """Return the items of both. Values of `said` win; where `said` has none, the value of `before` stays.

    Both have columns of `items.SCHEMA`, each id once. A title that is the id, and an empty list, say nothing.
    """
    place = pc.index_in(said["item_id"], before["item_id"].combine_chunks())
    earlier = before.take(place)
    columns = [_said(said, field) for field in SCHEMA]
    now = [pc.if_else(column.is_valid(), column, earlier[field.name]) for column, field in zip(columns, SCHEMA, strict=True)]
    both = pa.table(now, schema=SCHEMA)
    both = both.set_column(SCHEMA.get_field_index("title"), "title", pc.coalesce(both["title"], both["item_id"]))
    others = before.filter(pc.invert(pc.is_in(before["item_id"], said["item_id"].combine_chunks())))
    return pa.concat_tables([others, both.select(SCHEMA.names).cast(SCHEMA)]).drop_columns("tenant")


def _said(items: pa.Table, field: pa.Field) -> pa.ChunkedArray:
    if field.name not in items.column_names:
        return pa.chunked_array([pa.nulls(items.num_rows, field.type)])
    column = items[field.name].cast(field.type)
    if field.name == "title":
        says = pc.not_equal(column, items["item_id"])
    elif pa.types.is_list(field.type):
        says = pc.greater(pc.list_value_length(column), 0)
    else:
        return column
    return pc.if_else(says, column, pa.scalar(None, field.type))
