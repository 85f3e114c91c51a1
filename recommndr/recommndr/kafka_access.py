"""How any client of ours reaches Kafka: the broker's address, and the user it logs in as.

Every client's settings are made here, so that none of them forgets the login. This does no I/O and knows no Kafka library.
"""

import logging
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

_NO_PASSWORD = SecretStr("")
_PROTOCOL = "SASL_PLAINTEXT"
_MECHANISM = "PLAIN"
# kafka-python warns at every login that the password is not encrypted: decision 24 says where it travels.
logging.getLogger("kafka.net.sasl.plain").setLevel(logging.ERROR)
LOGIN_MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule"


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """A broker, and a user with its password; without a password the client does not log in."""

    bootstrap: str
    user: str = ""
    password: SecretStr = _NO_PASSWORD

    @property
    def logs_in(self) -> bool:
        """Whether the client logs in."""
        return bool(self.password.get_secret_value())

    def options(self) -> dict[str, Any]:
        """Arguments of kafka-python's consumer, producer and admin client; do not log them."""
        if not self.logs_in:
            return {"bootstrap_servers": self.bootstrap}
        return {
            "bootstrap_servers": self.bootstrap,
            "security_protocol": _PROTOCOL,
            "sasl_mechanism": _MECHANISM,
            "sasl_plain_username": self.user,
            "sasl_plain_password": self.password.get_secret_value(),
        }

    def librdkafka_properties(self) -> dict[str, str]:
        """Properties of librdkafka's clients; do not log them.

        >>> KafkaAccess("b:1").librdkafka_properties()
        {'bootstrap.servers': 'b:1'}
        """
        plain = {"bootstrap.servers": self.bootstrap}
        if not self.logs_in:
            return plain
        login = {"sasl.username": self.user, "sasl.password": self.password.get_secret_value()}
        return plain | {"security.protocol": _PROTOCOL, "sasl.mechanism": _MECHANISM} | login

    def java_properties(self, jaas_config: str) -> dict[str, str]:
        """Properties of Java's clients; `jaas_config` is `jaas_line()`, or where Java finds it."""
        plain = {"bootstrap.servers": self.bootstrap}
        if not self.logs_in:
            return plain
        return plain | {"security.protocol": _PROTOCOL, "sasl.mechanism": _MECHANISM, "sasl.jaas.config": jaas_config}

    def jaas_line(self, shaded_into: str = "") -> str:
        """The login of Java's clients, which names a class; do not log it. `shaded_into` is where a jar has moved Kafka to.

        >>> KafkaAccess("b:1", "u", SecretStr('p"q')).jaas_line()
        'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="p\\\\"q";'
        """
        user, password = _quoted(self.user), _quoted(self.password.get_secret_value())
        return f"{shaded_into}{LOGIN_MODULE} required username={user} password={password};"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
