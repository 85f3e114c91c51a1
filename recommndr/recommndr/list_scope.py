"""Which items a list may hold, as requests and bundles name it."""

from typing import Literal, get_args

Scope = Literal["mixed", "discover", "unseen", "buy_again"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
