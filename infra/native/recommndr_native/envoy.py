"""One Envoy on loopback: the edge, with routes from the file that rollout writes."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from recommndr.hosts import inner_hosts
from recommndr.settings import Settings
from recommndr.shopper_token import NO_KEYS, TokenKeys
from recommndr.watched_file import WatchedFile
from recommndr_native.edge_tls import transport_socket
from recommndr_native.template import fill
from recommndr_rollout.routes_file import RoutesFile
from recommndr_rollout.token_filter import TokenFilterFile

# Burst: a client may send this many seconds' worth of requests at once, because a page requests several lists.
_BURST_S = 2


@dataclass(frozen=True, slots=True)
class Envoy:
    """A proxy that keeps its configuration below `folder`."""

    folder: Path
    template: Path
    settings: Settings

    @property
    def _config_file(self) -> Path:
        return self.folder / "envoy.yaml"

    @property
    def _admin_socket(self) -> Path:
        # In its own folder, because in a container the configuration's folder is read-only.
        return self.folder.resolve() / "admin" / "admin.sock"

    def prepare(self) -> None:
        """Write the configuration from the template, and the token filter; also routes without tenants if there are none."""
        self._admin_socket.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        routes_file = self.settings.routes_file.resolve()
        if not routes_file.exists():
            RoutesFile(routes_file).apply({})
        keys = WatchedFile(self.settings.jwks_file, TokenKeys.from_json, missing=NO_KEYS)
        TokenFilterFile(self.settings.token_filter_file.resolve()).apply(keys())
        self._config_file.write_text(fill(self.template, self.settings, **self._values(routes_file)))

    def _values(self, routes_file: Path) -> dict[str, object]:
        browser, server = self.settings.browser_requests_per_s, self.settings.server_requests_per_s
        return {
            "admin_socket": self._admin_socket,
            "inner_hosts": json.dumps(inner_hosts(self.settings, "envoy")),  # JSON is YAML
            "routes_file": routes_file,
            "routes_dir": routes_file.parent,
            "token_filter_file": self.settings.token_filter_file.resolve(),
            # A JSON string is also a YAML string.
            "server_key_lua": json.dumps(self.template.with_name("server_key.lua").read_text()),
            "browser_requests_per_s": browser,
            "browser_burst": _BURST_S * browser,
            "server_requests_per_s": server,
            "server_burst": _BURST_S * server,
            "edge_max_connections": self.settings.edge_max_connections,
            "xff_num_trusted_hops": self.settings.xff_num_trusted_hops,
            "transport_socket": json.dumps(transport_socket(self.settings.edge_tls_dir, self.folder)),
            "hsts": f"max-age={self.settings.hsts_max_age_s}" if self.settings.hsts_max_age_s else "",
        }

    def environment(self) -> dict[str, str]:
        """No variables; the command line is enough."""
        return {}

    def command(self) -> list[str]:
        """The command that runs the proxy in the foreground, after `prepare`."""
        return [
            str(Path(sys.executable).parent / "envoy"),
            "--config-path", str(self._config_file),
            "--concurrency", "1",  # two cores are shared by a dozen processes
            "--disable-hot-restart",  # its shared memory would let only one Envoy run on a machine
            "--log-level", "warning",
        ]  # fmt: skip
