"""Flink's REST interface: its address and TLS settings, and a client for this process."""

import json
import secrets
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recommndr.flink_identity import flink_context
from recommndr_flink_jobs.identity import ensure_identity, write_keystore

_TIMEOUT_S = 2.0
_LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Rest:
    """The interface of one run; clients need `identity`."""

    host: str
    port: int
    identity: Path

    def settings(self, folder: Path) -> dict[str, str]:
        """Flink's settings; writes the Java keystore below `folder`."""
        ensure_identity(self.identity)
        keystore, password = folder / "rest.p12", secrets.token_hex(16)
        write_keystore(self.identity, keystore, password)
        return {
            "rest.address": _LOOPBACK,
            "rest.bind-address": self.host,
            "rest.bind-port": str(self.port),
            "rest.port": str(self.port),
            "security.ssl.rest.enabled": "true",
            "security.ssl.protocol": "TLSv1.3",
            "security.ssl.algorithms": "TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384",
            # Clients need our certificate; this keeps out other users and pages that use DNS rebinding.
            "security.ssl.rest.authentication-enabled": "true",
            "security.ssl.rest.keystore": str(keystore.resolve()),
            "security.ssl.rest.keystore-type": "PKCS12",
            "security.ssl.rest.keystore-password": password,
            "security.ssl.rest.key-password": password,
            "security.ssl.rest.truststore": str(keystore.resolve()),
            "security.ssl.rest.truststore-type": "PKCS12",
            "security.ssl.rest.truststore-password": password,
            "web.submit.enable": "false",  # this process submits within the Java process
            "web.cancel.enable": "false",
            "web.rescale.enable": "false",
            "web.access-control-allow-origin": f"https://{_LOOPBACK}:{self.port}",  # "*" by default
        }

    def ask(self, path: str) -> Any:
        """JSON from the interface; None while it does not answer."""
        url = f"https://{_LOOPBACK}:{self.port}{path}"
        try:
            context = flink_context(self.identity)
            with urllib.request.urlopen(url, timeout=_TIMEOUT_S, context=context) as response:
                return json.load(response)
        except (OSError, ValueError):  # urllib's errors are OSErrors; an incomplete answer is a ValueError
            return None
