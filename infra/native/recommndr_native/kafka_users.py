"""Users of Kafka: each process logs in as itself, and may read and write only the topics it needs.

Their passwords lie in two places: all of them in one file for the broker (JAAS), and each in a file for its own process.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from recommndr.kafka_access import LOGIN_MODULE
from recommndr.private_file import write_private
from recommndr.topics import (
    AVAILABILITY,
    CATALOG,
    DEAD_LETTER,
    EVENTS,
    FEATURE_WRITER_GROUP,
    GENERATIONS,
    ITEM_FEATURES,
    LAKE_SERVED_GROUP,
    LAKE_WRITER_GROUP,
    NOTES,
    OUTCOMES,
    SEEDS,
    SEGMENT_FEATURES,
    SERVED,
    SHOPPER_ROWS,
    Topic,
)
from recommndr_native.passwords import login, logins, password_file

BROKER = "broker"  # the broker itself, towards its own listeners
OPERATIONS = "operations"  # a person, and what creates the topics
TRAINING = "training"
USERS_FILE = "users.jaas"
SUPER_USERS = (BROKER, OPERATIONS)
CLIENT_LISTENER, CONTROLLER_LISTENER = "CLIENT", "CONTROLLER"


@dataclass(frozen=True, slots=True)
class Rights:
    """The topics that a user may read, write or see the length of, its groups, and whether it may see how far all have read."""

    reads: tuple[Topic, ...] = ()
    writes: tuple[Topic, ...] = ()
    describes: tuple[Topic, ...] = ()
    groups: tuple[str, ...] = ()
    watches: bool = False


RIGHTS: Mapping[str, Rights] = {
    "collector": Rights(reads=(CATALOG,), writes=(EVENTS, CATALOG, AVAILABILITY)),
    "flink": Rights(
        reads=(EVENTS, SEEDS, GENERATIONS, NOTES, *SHOPPER_ROWS, ITEM_FEATURES, SEGMENT_FEATURES),
        writes=(*SHOPPER_ROWS, ITEM_FEATURES, SEGMENT_FEATURES, OUTCOMES, NOTES, GENERATIONS, DEAD_LETTER),
    ),
    "feature-writer": Rights(reads=SHOPPER_ROWS, writes=(DEAD_LETTER,), groups=(FEATURE_WRITER_GROUP,)),
    "lake-writer": Rights(reads=(EVENTS, SERVED), writes=(SEEDS, DEAD_LETTER), groups=(LAKE_WRITER_GROUP, LAKE_SERVED_GROUP)),
    "serving": Rights(reads=(CATALOG, AVAILABILITY, ITEM_FEATURES, SEGMENT_FEATURES), writes=(SERVED,)),
    "monitoring": Rights(reads=(OUTCOMES, SERVED), watches=True),
    "rollout": Rights(reads=(OUTCOMES,)),
    # Seeds say how far the events were, so who writes them looks; it does not read events.
    TRAINING: Rights(reads=(GENERATIONS, SERVED, CATALOG, AVAILABILITY), writes=(SEEDS, GENERATIONS), describes=(EVENTS,)),
}
USER_OF: Mapping[str, str] = {
    "collector": "collector", "flink": "flink", "feature-writer": "feature-writer", "lake-writer": "lake-writer",
    "blue": "serving", "green": "serving", "monitoring": "monitoring",
    "rollout": "rollout",
}  # fmt: skip


def write_kafka_users(users_file: Path, folder: Path) -> str:
    """Give every user a fresh password, in `folder/USER/password`; the broker reads all of them in `users_file`.

    Returns the operators' password.
    """
    passwords = {user: secrets.token_hex(32) for user in (*SUPER_USERS, *RIGHTS)}
    for user, password in passwords.items():
        if user != BROKER:
            write_private(password_file(folder, user), password)
    write_private(users_file, broker_logins(passwords))
    return passwords[OPERATIONS]


def broker_logins(passwords: Mapping[str, str]) -> str:
    """The broker's JAAS file: clients' logins on one listener, only the broker's own on the controller's."""
    own = [f'username="{BROKER}"', f'password="{passwords[BROKER]}"']
    known = {CLIENT_LISTENER: passwords, CONTROLLER_LISTENER: {BROKER: passwords[BROKER]}}
    contexts = []
    for listener, users in known.items():
        options = [*own, *(f'user_{user}="{password}"' for user, password in users.items())]
        lines = "\n    ".join([f"{LOGIN_MODULE} required", *options])
        contexts.append(f"{listener.lower()}.KafkaServer {{\n    {lines};\n}};")
    return "\n".join(contexts)


def kafka_login(folder: Path, user: str) -> dict[str, str]:
    """The variables by which a process or a tool logs in as the user."""
    return login("KAFKA", folder, user)


def kafka_logins(folder: Path) -> dict[str, dict[str, str]]:
    """By process the variables by which it logs in."""
    return logins("KAFKA", folder, USER_OF)
