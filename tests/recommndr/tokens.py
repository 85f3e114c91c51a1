"""Keys of shoppers' tokens for tests: made once a run, for a key of 2,048 bits takes a while."""

from functools import cache

from recommndr.shopper_token import new_private_key


@cache
def private_key(name: str = "first") -> str:
    """PEM of the key with this name."""
    return new_private_key()
