"""Event ids of history, derived from the shop's own records, so that a repeated import gives the same ids."""

from uuid import NAMESPACE_URL, UUID, uuid5

ORDERS = uuid5(NAMESPACE_URL, "recommndr:orders")


def order_event_id(tenant: str, order_id: str) -> UUID:
    """The event id of an order's purchase event; the same for the same order."""
    return uuid5(ORDERS, f"{tenant}|{order_id}")
