"""One Kafka broker in KRaft mode on loopback: its properties, storage and command line."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from recommndr_native.installed import Tools, program
from recommndr_native.kafka_users import CLIENT_LISTENER, CONTROLLER_LISTENER, SUPER_USERS

# A fixed cluster id, so that a wiped broker can keep its configuration.
_CLUSTER_ID = "cmVjb21tbmRyLW5hdGl2ZQ"
_HEAP = "-Xmx256m"


@dataclass(frozen=True, slots=True)
class Kafka:
    """A broker that listens on two ports and keeps its files below `folder`.

    Clients log in as the users of `users_file`; without such a file everybody who reaches a port may do everything.
    """

    folder: Path
    port: int
    controller_port: int
    tools: Tools
    users_file: Path | None = None

    @property
    def bootstrap(self) -> str:
        """The address for clients."""
        return f"127.0.0.1:{self.port}"

    @property
    def _properties_file(self) -> Path:
        return self.folder / "server.properties"

    def properties(self) -> str:
        """The text of `server.properties`."""
        lines = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "listeners": f"{CLIENT_LISTENER}://127.0.0.1:{self.port},{CONTROLLER_LISTENER}://127.0.0.1:{self.controller_port}",
            "advertised.listeners": f"{CLIENT_LISTENER}://127.0.0.1:{self.port}",
            "controller.listener.names": CONTROLLER_LISTENER,
            "inter.broker.listener.name": CLIENT_LISTENER,
            **_protection(self.users_file is not None),
            "log.dirs": str(self.folder / "data"),
            "auto.create.topics.enable": "false",  # writing to a misspelt topic must fail, not create it
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "8",  # 50, the default, would preallocate 50 index segments at start
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "broker.session.timeout.ms": "3000",  # a restarted broker waits this long for its old session (default 9 s)
            "broker.heartbeat.interval.ms": "500",
            "log.cleaner.dedupe.buffer.size": "33554432",  # the default, 128 MB, is half of this heap
            "message.max.bytes": "2097152",
        }
        return "".join(f"{key}={value}\n" for key, value in lines.items())

    def prepare(self) -> None:
        """Write the properties and format the storage if it is not formatted."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._properties_file.write_text(self.properties())
        if (self.folder / "data" / "meta.properties").exists():
            return
        subprocess.run(  # noqa: S603
            [*self._java(), "kafka.tools.StorageTool", "format", "--ignore-formatted",
             "--cluster-id", _CLUSTER_ID, "--config", str(self._properties_file)],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def environment(self) -> dict[str, str]:
        """Return no variables: the command line is enough."""
        return {}

    def command(self) -> list[str]:
        """Return the command that runs the broker in the foreground, after `prepare`."""
        # Java reads the users from a file, so that the process table shows a path and no password.
        users = [f"-Djava.security.auth.login.config={self.users_file.resolve()}"] if self.users_file else []
        return [*self._java(), *users, "kafka.Kafka", str(self._properties_file)]

    def _java(self) -> list[str]:
        return [
            program("java", "openjdk-17-jre-headless"),
            _HEAP,
            "-XX:+UseSerialGC",  # a dozen processes share two cores
            "-XX:TieredStopAtLevel=1",  # full compilation would occupy one of them during a start
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            "-cp",
            self.tools.kafka_classpath(),
        ]


def _protection(users: bool) -> dict[str, str]:
    protocol = "SASL_PLAINTEXT" if users else "PLAINTEXT"
    protocols = {"listener.security.protocol.map": f"{CONTROLLER_LISTENER}:{protocol},{CLIENT_LISTENER}:{protocol}"}
    if not users:
        return protocols
    return protocols | {
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": ";".join(f"User:{user}" for user in SUPER_USERS),
    }
