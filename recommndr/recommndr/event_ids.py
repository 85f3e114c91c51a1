"""Event ids of history: derived from what the shop's own records say, so that they are the same each time they are made."""

from uuid import NAMESPACE_URL, UUID, uuid5

ORDERS = uuid5(NAMESPACE_URL, "recommndr:orders")


def order_event_id(tenant: str, order_id: str) -> UUID:
    """The event id of an order's purchase event: always the same one."""
    return uuid5(ORDERS, f"{tenant}|{order_id}")
