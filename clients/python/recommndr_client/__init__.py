"""Recommndr for a shop's server."""

from recommndr_client import calls
from recommndr_client.calls import Call
from recommndr_client.errors import Refused, Unavailable
from recommndr_client.shop import AsyncShop, Shop

__all__ = ["AsyncShop", "Call", "Refused", "Shop", "Unavailable", "calls"]
