"""Settings: typed, frozen, read once from the environment (`RECOMMNDR_…`) by `main` and passed down.

Unknown `RECOMMNDR_` variables are refused, so that a typo is an error. Everything binds loopback by default.
"""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, field_validator, model_validator

from recommndr.kafka_access import KafkaAccess

PREFIX = "RECOMMNDR_"
MONITORING_USER = "monitoring"  # of Prometheus and Alertmanager; our services log in as it


class Settings(BaseModel):
    """The settings of one installation, the same for all its processes."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    _secret_files: dict[str, Path] = PrivateAttr(default_factory=dict)  # the files that secrets were read from

    state_dir: Path = Field(default=Path("var/run"), description="folder of the state that running processes write")
    lake_dir: Path = Field(
        default=Path("var/lake"), description="Delta lake of events and items (the demo's is in its state_dir)"
    )
    lake_retention_hours: int = Field(
        default=168,
        ge=1,
        description="how long the lake keeps files that compaction or erasure has replaced, for readers of old versions",
    )
    lake_served_days: int = Field(
        default=90, ge=1, description="how long the lake keeps what was served; the topic keeps three days"
    )
    mlflow_dir: Path = Field(default=Path("var/mlflow"), description="the native MLflow server's database and artifacts")
    tenants_file: Path = Field(default=Path("tenants.yaml"), description="tenants, their policies and hashed keys")
    host: str = Field(default="127.0.0.1", description="address that the services bind")
    peer_host: str = Field(
        default="127.0.0.1",
        description="host name of other processes; `{name}` is replaced by the process's name in the Procfile",
    )

    kafka_bootstrap: str = Field(default="127.0.0.1:18092", description="host:port of a Kafka broker")
    kafka_user: str = Field(default="", description="the user a process logs in to Kafka as")
    kafka_password: SecretStr = Field(default=SecretStr(""), description="that user's password; empty: it does not log in")
    kafka_users_file: Path = Field(
        default=Path("var/keys/kafka/broker/users.jaas"),
        description="users of the native Kafka broker with their passwords (JAAS); no such file: everybody may do everything",
    )
    redis_url: str = Field(default="redis://127.0.0.1:18379/0", description="Feast's online store")
    redis_user: str = Field(default="", description="user name for the login to Redis")
    redis_password: SecretStr = Field(default=SecretStr(""), description="password for the login to Redis; empty: no login")
    redis_acl_file: Path = Field(
        default=Path("var/keys/redis.acl"),
        description="users of the native Redis with hashed passwords; without the file Redis needs no login",
    )
    redis_max_memory_mb: int = Field(
        default=512,
        ge=64,
        description="memory limit of the native Redis; when it is full, it refuses new rows and keeps the old ones",
    )
    mlflow_uri: str = Field(default="http://127.0.0.1:18500", description="MLflow tracking and registry")
    envoy_url: str = Field(default="http://127.0.0.1:18000", description="URL of the edge for clients")
    prometheus_url: str = Field(default="http://127.0.0.1:18090", description="URL of Prometheus for rollout")
    collector_url: str = Field(default="http://127.0.0.1:18010", description="URL of the collector for clients")

    probe_tenant: str = Field(
        default="",
        description="shop in which monitoring measures how soon answers know that an item is sold out; empty: not measured",
    )
    probe_item: str = Field(
        default="recommndr-probe",
        description="item that the measurement sells out and back in; it is put into the catalogue",
    )

    kafka_controller_port: int = Field(default=18093, description="the native broker's controller listener")
    envoy_port: int = Field(default=18000, description="the edge")
    envoy_admin_port: int = Field(default=18001, description="health and metrics of Envoy")
    storefront_port: int = Field(default=18002, description="the storefront, whose pages may call the edge")
    storefront_metrics_port: int = Field(default=18003, description="metrics and health of the storefront")
    storefront_hosts: str = Field(
        default="", description="host names of the storefront in addition to this machine's own, separated by commas"
    )
    collector_port: int = Field(default=18010, description="the collector")
    blue_port: int = Field(default=18021, description="serving slot blue")
    green_port: int = Field(default=18022, description="serving slot green")
    feature_writer_port: int = Field(default=18031, description="metrics and health of the feature writer")
    lake_writer_port: int = Field(default=18032, description="metrics and health of the lake writer")
    rollout_port: int = Field(default=18033, description="metrics and health of rollout")
    monitoring_port: int = Field(default=18034, description="metrics and health of the exporter of Flink, Kafka and Redis")
    flink_rest_port: int = Field(
        default=18081, description="Flink's REST interface; clients need `flink-rest/identity.pem` in the state_dir"
    )
    flink_size: Literal["small", "large"] = Field(
        default="small",
        description="sizes of Flink's job; small is the demo's, and each setting below replaces one figure",
    )
    flink_heap_mb: int = Field(default=0, ge=0, description="heap of Flink's Java process; 0: as flink_size has it")
    flink_parallelism: int = Field(default=0, ge=0, le=16, description="subtasks of each operator; 0: likewise")
    flink_recent_entities: int = Field(default=0, ge=0, description="decoded states kept in a Python worker; 0: likewise")
    flink_cached_states: int = Field(default=0, ge=0, description="states cached in a Python worker, a bucket; 0: likewise")
    flink_pack_ms: int = Field(default=0, ge=0, description="milliseconds of events handed to Python at once; 0: likewise")
    flink_pack_records: int = Field(default=0, ge=0, description="at most so many events of a partition at once; 0: likewise")
    prometheus_port: int = Field(default=18090, description="Prometheus")
    alertmanager_port: int = Field(default=18091, description="Alertmanager")

    runbooks_url: str = Field(
        default="http://127.0.0.1:18002/ops/runbooks",
        description="base URL of the runbook links in alerts: pages of the storefront",
    )
    alert_webhook_url: SecretStr = Field(
        default=SecretStr(""),
        description="URL to which Alertmanager posts alerts (it may contain a key); empty: alerts are only shown",
    )

    attribution_key_id: str = Field(default="k1", description="id of the key that signs attribution tokens")
    attribution_key: SecretStr = Field(
        default=SecretStr(""), description="secret that signs attribution tokens; at least 32 characters"
    )
    token_key: SecretStr = Field(
        default=SecretStr(""), description="RSA private key (PEM) that signs shoppers' tokens; empty: no tokens are issued"
    )
    jwks_file: Path = Field(
        default=Path("var/keys/jwks.json"),
        description="public keys of shoppers' tokens (JWKS); without the file no token is accepted",
    )
    browser_requests_per_s: int = Field(
        default=200, ge=1, description="limit per address at the edge for browsers and for requests without a credential"
    )
    server_requests_per_s: int = Field(
        default=2_000, ge=1, description="limit per address at the edge for requests with a server key"
    )

    audit_file: Path = Field(
        default=Path("var/audit/audit.jsonl"), description="audit log of changes of keys, releases and catalogues; JSON lines"
    )
    edge_max_connections: int = Field(default=10_000, ge=1, description="maximum number of client connections to the edge")
    xff_num_trusted_hops: int = Field(
        default=0, ge=0, description="number of your proxies in front of the edge that set `x-forwarded-for`"
    )
    edge_tls_dir: str = Field(
        default="", description="folder with `edge.crt` and `edge.key` (PEM), read again when they change; empty: plain HTTP"
    )
    edge_ca_file: str = Field(
        default="", description="CA certificates (PEM) for our own clients of the edge; empty: the system's"
    )
    hsts_max_age_s: int = Field(default=0, ge=0, description="max-age of Strict-Transport-Security; 0: the header is not sent")

    server_keys_dir: Path = Field(
        default=Path("var/keys"),
        description="folder of server keys with read and events scopes, for the storefront: one file per tenant",
    )
    admin_keys_dir: Path = Field(
        default=Path("var/keys/admin"),
        description="folder of server keys with all scopes, for writing catalogues: one file per tenant",
    )

    keys_poll_s: float = Field(
        default=1.0,
        gt=0,
        description="interval at which slots, collector and rollout check the files of keys and tenants for changes",
    )

    operations_password: SecretStr = Field(
        default=SecretStr(""),
        description="password of the user `operator` for `/ops`; at least 16 characters; empty: nobody may log in",
    )

    oidc_issuer: str = Field(
        default="",
        description="URL of the OpenID Connect provider at which operators sign in to `/ops`; empty: with operations_password",
    )
    oidc_client_id: str = Field(default="", description="id of this installation at the provider")
    oidc_client_secret: SecretStr = Field(
        default=SecretStr(""), description="its secret there; at least 16 characters; operators' sessions are signed with it"
    )
    oidc_redirect_url: str = Field(
        default="", description="`https://<storefront>/ops/signed-in`, as it is registered at the provider"
    )
    oidc_operator_group: str = Field(default="", description="group whose members are operators")
    oidc_groups_claim: str = Field(default="groups", description="claim of the ID token that lists a user's groups or roles")
    oidc_name_claim: str = Field(default="email", description="claim that names the operator in the audit log; else `sub`")
    oidc_scopes: str = Field(default="openid email profile", description="scopes that are asked for")

    monitoring_password: SecretStr = Field(
        default=SecretStr(""),
        description="password of the user `monitoring` of Prometheus and Alertmanager; services log in with it",
    )
    monitoring_users_file: Path = Field(
        default=Path("var/keys/monitoring.users.yml"),
        description="users of the native Prometheus and Alertmanager with hashed passwords; without the file both do not start",
    )

    code: str = Field(
        default="",
        max_length=64,
        description="revision of the code that a serving slot runs, as code releases name it; set by what starts the slot",
    )
    otlp_url: str = Field(
        default="",
        description="OTLP/HTTP receiver of traces, such as `http://127.0.0.1:4318/v1/traces`; empty: no traces are recorded",
    )
    trace_share: float = Field(default=0.01, ge=0, le=1, description="share of traces that are recorded, chosen by their id")
    feature_timeout_ms: float = Field(default=50.0, gt=0, description="time limit of reading a shopper's row")
    release_judge_s: float = Field(default=5.0, gt=0, description="interval at which rollout judges releases")
    release_poll_s: float = Field(default=1.0, gt=0, description="interval at which slots and rollout read the release records")

    @field_validator("attribution_key")
    @classmethod
    def _long_enough(cls, key: SecretStr) -> SecretStr:
        if 0 < len(key.get_secret_value()) < 32:
            raise ValueError("expected at least 32 characters, or an empty value to sign no tokens")
        return key

    @field_validator("operations_password")
    @classmethod
    def _hard_to_guess(cls, password: SecretStr) -> SecretStr:
        if 0 < len(password.get_secret_value()) < 16:
            raise ValueError("expected at least 16 characters, or an empty value to let nobody log in")
        return password

    @model_validator(mode="after")
    def _sign_in_is_whole(self) -> Self:
        if not self.oidc_issuer:
            return self
        needed = ("oidc_client_id", "oidc_redirect_url", "oidc_operator_group")
        if missing := [variable(name) for name in needed if not getattr(self, name)]:
            raise ValueError(f"RECOMMNDR_OIDC_ISSUER is set: expected {', '.join(missing)}, too")
        if not is_secure(self.oidc_issuer):
            raise ValueError(f"oidc_issuer: got {self.oidc_issuer!r}, expected https, or a host of this machine")
        return self

    @property
    def kafka(self) -> KafkaAccess:
        """Kafka, as this process reaches it."""
        return KafkaAccess(self.kafka_bootstrap, self.kafka_user, self.kafka_password)

    @property
    def redis_login_url(self) -> str:
        """The online store's URL with user and password; do not log it."""
        password = self.redis_password.get_secret_value()
        if not password:
            return self.redis_url
        scheme, _, place = self.redis_url.partition("://")
        return f"{scheme}://{quote(self.redis_user, safe='')}:{quote(password, safe='')}@{place}"

    @property
    def monitoring_login(self) -> tuple[str, str]:
        """User and password for Prometheus and Alertmanager: httpx's argument `auth`."""
        return MONITORING_USER, self.monitoring_password.get_secret_value()

    def secret_file(self, name: str) -> Path | None:
        """The file that a secret was read from, for reading it again when it changes; None if no file was named."""
        return self._secret_files.get(name)

    @property
    def releases_dir(self) -> Path:
        """The release records."""
        return self.state_dir / "releases"

    @property
    def rules_dir(self) -> Path:
        """The shops' business rules, a record per tenant; all slots share it."""
        return self.state_dir / "rules"

    @property
    def code_release_file(self) -> Path:
        """The record of the installation's code release: which code each slot runs."""
        return self.releases_dir / "code" / "release.json"

    @property
    def slot_processes_dir(self) -> Path:
        """Folder in which a slot's process notes which code it was started with, a file per slot."""
        return self.state_dir / "slot-processes"

    @property
    def consistency_dir(self) -> Path:
        """Folder of the newest consistency reports, a file per tenant."""
        return self.state_dir / "consistency"

    @property
    def routes_file(self) -> Path:
        """File of Envoy's routes, which rollout writes from the release records."""
        return self.state_dir / "envoy" / "routes.json"

    @property
    def flink_identity_file(self) -> Path:
        """File of the key and certificate that Flink's REST interface shares with its clients; the Flink process makes them."""
        return self.state_dir / "flink-rest" / "identity.pem"

    @property
    def token_filter_file(self) -> Path:
        """File of Envoy's filter for shoppers' tokens, which rollout writes from the JWKS."""
        return self.state_dir / "envoy" / "token_filter.json"

    @property
    def edge_scheme(self) -> str:
        """http or https, as in `envoy_url`."""
        return self.envoy_url.partition(":")[0]

    def edge_trust(self) -> ssl.SSLContext | bool:
        """The argument `verify` of httpx for our own clients of the edge."""
        return ssl.create_default_context(cafile=self.edge_ca_file or None) if self.edge_scheme == "https" else True

    def host_of(self, process: str) -> str:
        """Host name of a process of the Procfile for the other processes."""
        return self.peer_host.format(name=process)

    def slot_port(self, slot: str) -> int:
        """Port of a serving slot."""
        return {"blue": self.blue_port, "green": self.green_port}[slot]


SECRETS = tuple(name for name, field in Settings.model_fields.items() if field.annotation is SecretStr)


def is_secure(url: str) -> bool:
    """Whether nobody on the way can read what is sent to the URL: https, or it stays on this machine.

    >>> is_secure("https://id.example"), is_secure("http://127.0.0.1:9000"), is_secure("http://id.example")
    (True, True, False)
    """
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost", "::1"})


class UnknownSetting(ValueError):
    """An environment variable has our prefix but is not a setting."""


def variable(setting: str) -> str:
    """The environment variable of a setting.

    >>> variable("mlflow_uri")
    'RECOMMNDR_MLFLOW_URI'
    """
    return f"{PREFIX}{setting}".upper()


def file_variable(secret: str) -> str:
    """The environment variable that names the file of a secret."""
    return f"{variable(secret)}_FILE"


def load(environment: Mapping[str, str], **overrides: Any) -> Settings:
    """Settings from the environment; a secret may be in the file that `<its variable>_FILE` names.

    Raises `UnknownSetting`, `pydantic.ValidationError`, or `OSError` for a file that cannot be read.
    """
    ours = {name.upper(): value for name, value in environment.items() if name.upper().startswith(PREFIX)}
    fields = {variable(name): name for name in Settings.model_fields}
    secrets = {file_variable(name): name for name in SECRETS}
    values: dict[str, Any] = {}
    files: dict[str, Path] = {}
    for given, value in ours.items():
        if given in fields:
            values[fields[given]] = value
        elif given in secrets:
            files[secrets[given]] = Path(value)
            values[secrets[given]] = Path(value).read_text().strip()
        else:
            raise UnknownSetting(f"{given}: no such setting; known are {', '.join(sorted({*fields, *secrets}))}")
    settings = Settings(**(values | overrides))
    settings._secret_files.update(files)
    return settings
