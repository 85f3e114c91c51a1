"""Constants that the edge and the services share: headers for tenant and shopper, limits of bodies and timeouts."""

TENANT_HEADER = "x-recommndr-tenant"
USER_HEADER = "x-recommndr-user"
# The id of the server key that the edge has verified; for its own filters and logs, services check the key themselves.
KEY_HEADER = "x-recommndr-key"

MAX_EVENT_BYTES = 1_000_000
# Browsers have the same limit for `keepalive` requests, which are sent while a page is closed.
MAX_BROWSER_BYTES = 65_536
# A thousand items with picture and tags come to 1-3 KB each.
MAX_ITEM_BYTES = 4_000_000

# After this time the edge stops waiting for a slot, and a slot does not start on a request that has waited as long.
READ_TIMEOUT_S = 2.0
