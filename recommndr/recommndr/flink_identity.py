"""Who may ask Flink: its REST interface and its readers hold one certificate with its key, and trust nothing else.

The interface can cancel jobs and show logs and configuration, and it has no passwords and no list of allowed hosts.
"""

import ssl
from pathlib import Path


def flink_context(identity: Path) -> ssl.SSLContext:
    """TLS for a reader of Flink's REST interface; raises `OSError` while Flink has not written the file."""
    context = ssl.create_default_context(cafile=identity)
    context.load_cert_chain(identity)
    context.check_hostname = False  # only this one certificate is trusted, whatever name Flink is reached by
    return context
