"""TLS identity of Flink's REST interface: the server and its clients share one certificate and key, and trust nothing else.

The interface can cancel jobs and show logs and configuration, and it has no passwords and no list of allowed hosts.
"""

import ssl
from pathlib import Path


def flink_context(identity: Path) -> ssl.SSLContext:
    """TLS for a reader of Flink's REST interface; raises `OSError` while Flink has not written the file."""
    context = ssl.create_default_context(cafile=identity)
    context.load_cert_chain(identity)
    context.check_hostname = False  # only this certificate is trusted; the host name is not checked
    return context
