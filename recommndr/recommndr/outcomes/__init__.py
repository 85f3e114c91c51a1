"""Outcomes: what shoppers did with the lists they were shown, per release, arm and list.

`act` reads an event, `shopper` is the state of one shopper, `partial` sums shoppers of one bucket of the stream, and `totals`
sums partials. An impression, click, cart, like or dislike counts once per list and item, and so does a purchase: the first
order of the item within the tenant's window after the item was clicked or put into the cart from that list. An item that was
clicked in two lists counts for both.
"""
