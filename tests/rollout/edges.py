"""A real Envoy before stand-ins of the services, and callers of two kinds: a shop's server and a shopper's browser."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from recommndr.identity import TenantId
from recommndr.settings import Settings
from recommndr.shopper_token import TokenSigner, jwks
from recommndr.tenancy import ServerKey, TenantPolicy, hash_key
from recommndr_native.child import Child
from recommndr_native.ports import free_port
from recommndr_rollout.edge_policies import NO_POLICIES, Policies
from recommndr_rollout.routes_file import RoutesFile
from recommndr_rollout.token_filter import TokenFilterFile
from tests.patience import PATIENCE_S, eventually
from tests.recommndr.tokens import private_key
from tests.rollout.upstreams import upstream

SIGNER = TokenSigner(private_key())
GROCER = TenantId("grocer")
_PORTS = ("envoy_port", "envoy_admin_port", "blue_port", "green_port", "collector_port")

NewEnvoy = Callable[[Settings], Child]


class Edge:
    """What callers see of it."""

    def __init__(self, settings: Settings, policies: Policies = NO_POLICIES) -> None:
        self.policies = dict(with_keys(policies))
        self.routes = RoutesFile(settings.routes_file, lambda: self.policies)
        self.token_filter = TokenFilterFile(settings.token_filter_file)
        self.log: Callable[[], str] = str  # what Envoy has written, once it runs
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{settings.envoy_port}", trust_env=False, timeout=PATIENCE_S)

    def ask(self, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any) -> httpx.Response:
        """As a shop's server, unless the headers say otherwise."""
        sent: dict[str, str] = {"authorization": f"Bearer {server_key()}", **(headers or {})}
        return self._client.request(method, path, headers={name: value for name, value in sent.items() if value}, **more)

    def browse(self, path: str = "/popular", bearer: str | None = None, **headers: str) -> httpx.Response:
        """As a page of a shop, with the token of one of its shoppers unless another credential is given; "" is none."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        credential = token() if bearer is None else bearer
        return self.ask("GET", path, {"authorization": credential and f"Bearer {credential}", **named})

    def preflight(self, origin: str, path: str = "/recommend") -> httpx.Response:
        """As a browser asks before a page's request goes out."""
        asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
        return self.ask("OPTIONS", path, {"authorization": "", "origin": origin, **asked})

    def slot_of(self, user: str, tenant: str = "grocer") -> str:
        return self.ask("POST", "/recommend", {"x-recommndr-tenant": tenant, "x-recommndr-user": user}).text

    def set_green(self, weight: int, tenant: str = "grocer") -> None:
        self.routes.apply({tenant: {"blue": 10_000 - weight, "green": weight}})

    def close(self) -> None:
        self._client.close()


def server_key(tenant: str = "grocer") -> str:
    """The key that each tenant of an edge has."""
    return f"rk_{tenant}_secret"


def with_keys(policies: Policies) -> Policies:
    """The policies, each with its tenant's key; grocer is always there."""
    return {
        tenant: policy.model_copy(update={"keys": (*policy.keys, ServerKey(sha256=hash_key(server_key(tenant))))})
        for tenant, policy in ({GROCER: TenantPolicy()} | dict(policies)).items()
    }


def token(user_id: str = "anna", tenant: str = "grocer", at: datetime | None = None, signer: TokenSigner = SIGNER) -> str:
    return signer.issue(tenant, user_id, at or datetime.now(UTC))[0]


def seen(answer: httpx.Response) -> dict[str, str]:
    """The headers of ours that the service saw, by their names in lower case."""
    headers: dict[str, str] = json.loads(answer.headers["x-seen"])
    return {name.lower(): value.encode("latin-1").decode() for name, value in headers.items()}


def until_refused(ask: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """The answers up to the first 429: a limit refills meanwhile, so how many fit into it depends on the machine."""
    answers: list[httpx.Response] = []

    def is_refused() -> bool:
        answers.append(ask())
        return answers[-1].status_code == httpx.codes.TOO_MANY_REQUESTS

    eventually(is_refused, "the limit is reached", every_s=0.0)
    return answers


def edge_settings(state_dir: Path, signers: tuple[TokenSigner, ...] = (SIGNER,), **more: Any) -> Settings:
    """Free ports, and a JWKS of the signers' keys."""
    keys = state_dir / "jwks.json"
    keys.write_text(jwks([signer.jwk for signer in signers]))
    ports = {name: free_port() for name in _PORTS}
    return Settings.model_validate({"state_dir": state_dir, "jwks_file": keys} | ports | more)


@contextmanager
def running_edge(settings: Settings, new_envoy: NewEnvoy, policies: Policies = NO_POLICIES) -> Iterator[Edge]:
    """An Envoy before all three services, with routes of the tenants' policies and every weight on blue."""
    ports = {"blue": settings.blue_port, "green": settings.green_port, "collector": settings.collector_port}
    with ExitStack() as stack:
        for name, port in ports.items():
            stack.enter_context(upstream(name, port))
        edge = Edge(settings, policies)
        stack.callback(edge.close)
        edge.routes.apply({str(tenant): {"blue": 10_000, "green": 0} for tenant in policies})
        envoy = new_envoy(settings)
        stack.callback(envoy.stop)
        edge.log = lambda: envoy.log_file.read_text(errors="replace")
        yield edge
