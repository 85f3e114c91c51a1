"""TLS at the edge as Envoy's configuration: a certificate from files that Envoy reads again when they change."""

import json
from pathlib import Path
from typing import Any

CERTIFICATE, PRIVATE_KEY = "edge.crt", "edge.key"

_TLS = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3"
_NAME = "edge"


def transport_socket(tls_dir: str, folder: Path) -> dict[str, Any] | None:
    """The listener's TLS configuration, with its secret's file below `folder`; None = plain HTTP."""
    if not tls_dir:
        return None
    secret_file = folder.resolve() / "certificate.json"
    secret_file.write_text(json.dumps({"resources": [_secret(Path(tls_dir).resolve())]}, indent=1))
    source = {"resource_api_version": "V3", "path_config_source": {"path": str(secret_file)}}
    context = {
        "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
        "alpn_protocols": ["h2", "http/1.1"],
        "tls_certificate_sds_secret_configs": [{"name": _NAME, "sds_config": source}],
    }
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {"@type": f"{_TLS}.DownstreamTlsContext", "common_tls_context": context},
    }


def _secret(tls_dir: Path) -> dict[str, Any]:
    certificate = {
        "certificate_chain": {"filename": str(tls_dir / CERTIFICATE)},
        "private_key": {"filename": str(tls_dir / PRIVATE_KEY)},
        "watched_directory": {"path": str(tls_dir)},
    }
    return {"@type": f"{_TLS}.Secret", "name": _NAME, "tls_certificate": certificate}
