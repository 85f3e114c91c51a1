"""Requests at instants of the past, answered with what was known then and labelled by what came after."""
