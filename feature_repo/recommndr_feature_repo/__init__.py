"""Feast entities, views and services, built from recommndr.features."""
