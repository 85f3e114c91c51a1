"""Lines of events in memory and in files. In memory what repeats (ids of shoppers and items, words) is
a code with one table of words.

Ten million lines as Python strings take 8 GB and minutes to sort; as codes they take 1.3 GB. Event ids hardly repeat: they
are Arrow strings. In files all of these are plain strings.
"""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from recommndr_training.data.id_codes import coded

REPEATED = ("user_id", "item_id", "kind", "device", "os", "country", "region")
LINES_SCHEMA = pa.schema(
    [
        ("event_id", pa.string()),
        ("user_id", pa.string()),
        ("item_id", pa.string()),
        ("kind", pa.string()),
        ("at_s", pa.float64()),  # when it happened
        ("known_s", pa.float64()),  # when the shop knew it: when it was received, but not before it happened
        ("n_lines", pa.int32()),  # lines of the event with the item; item states count lines
        ("quantity", pa.int32()),
        ("price_minor", pa.int32()),
        ("device", pa.string()),
        ("os", pa.string()),
        ("country", pa.string()),
        ("region", pa.string()),
    ]
)
_CODE = pa.dictionary(pa.int32(), pa.string())
CODED_SCHEMA = pa.schema([(one.name, _CODE if one.name in REPEATED else one.type) for one in LINES_SCHEMA])
_WITH_GAPS = {pa.int32(): pd.Int32Dtype()}
_TEXTS = pd.ArrowDtype(pa.large_string())


def encoded(table: pa.Table) -> pa.Table:
    """The table with codes in its columns that repeat."""
    for place, name in enumerate(table.column_names):
        if name in REPEATED and not pa.types.is_dictionary(table[name].type):
            table = table.set_column(place, name, table[name].combine_chunks().dictionary_encode())
    return table


def frame(table: pa.Table) -> pd.DataFrame:
    """A table of lines for pandas; categories are in the order of their words, so that groups are, too."""
    columns = {}
    for name in table.column_names:
        column = table[name]
        if name in REPEATED:
            codes, distinct = coded(column)
            words = pd.Index(distinct.to_numpy(zero_copy_only=False), dtype=object)
            columns[name] = pd.Series(pd.Categorical.from_codes(codes, words, validate=False))
        elif pa.types.is_string(column.type):
            columns[name] = pd.Series(column.cast(pa.large_string()), dtype=_TEXTS)
        else:
            columns[name] = column.to_pandas(types_mapper=_WITH_GAPS.get if column.null_count else None)
    return pd.DataFrame(columns, copy=False)


def table_of(lines: pd.DataFrame) -> pa.Table:
    """Lines, whose words may be codes or strings, as a table with codes."""
    schemas = {name: CODED_SCHEMA if isinstance(lines[name].dtype, pd.CategoricalDtype) else LINES_SCHEMA for name in lines}
    return encoded(
        pa.table({name: pa.array(lines[name], schema.field(name).type, from_pandas=True) for name, schema in schemas.items()})
    )


def read(*paths: Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The lines of these files, one after the other, with all or some of their columns."""
    names = None if columns is None else list(columns)
    return frame(pa.concat_tables([pq.read_table(path, columns=names, read_dictionary=list(REPEATED)) for path in paths]))


def write(lines: pd.DataFrame, path: Path) -> None:
    """Write lines, whose words may be codes or strings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without Arrow's own schema in the file, readers find plain strings.
    pq.write_table(table_of(lines), path, compression="zstd", store_schema=False)
