"""Columns of the instant of the request."""

from datetime import UTC, datetime

from recommndr_engine.columns.column import ColumnGroup
from recommndr_engine.columns.request import Request


def _moment(request: Request) -> datetime:
    return datetime.fromtimestamp(request.shopper.now_s, UTC)


MOMENT = ColumnGroup(_moment)


@MOMENT.column()
def hour(at: datetime) -> float:
    """Hour of the day, UTC."""
    return float(at.hour)


@MOMENT.column()
def weekday(at: datetime) -> float:
    """Day of the week, 0 = Monday, UTC."""
    return float(at.weekday())
