"""The shops' business rules in a slot: followed, compiled and changed."""
