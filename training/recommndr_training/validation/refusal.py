"""The error for data that must not be trained on. It has its own file, so that catching it does not import the checks."""


class Refused(ValueError):
    """Data that must not be trained on; the message names the rows."""
