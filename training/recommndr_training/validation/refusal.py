"""The error of data that must not be trained on; apart, so that who only catches it need not load what finds it."""


class Refused(ValueError):
    """Data that must not be trained on; the message names the rows."""
