"""Redis ACL users: each service may run only the commands it needs, nobody may run scripts, and login is required."""

import hashlib
import secrets
from collections.abc import Mapping
from pathlib import Path

from recommndr.private_file import write_private
from recommndr.settings import PREFIX

OPERATIONS = "operations"
_LOGIN = "+auth +hello +ping +select +client|setname"
# What Feast and our own clients send, found by running them; a command that is missing here fails in the services' own tests.
RIGHTS: Mapping[str, str] = {
    "feature-writer": f"~* {_LOGIN} +hset +hmget +expire +del +info",
    "serving": f"%R~* {_LOGIN} +hmget",
    "monitoring": f"{_LOGIN} +info",
    OPERATIONS: "~* &* +@all -@scripting",  # a person
}
USER_OF: Mapping[str, str] = {
    "feature-writer": "feature-writer", "blue": "serving", "green": "serving", "monitoring": "monitoring",
}  # fmt: skip


def write_redis_users(acl_file: Path, folder: Path) -> str:
    """Give every user a fresh password, in `folder/USER/password`; Redis reads their hashes in `acl_file`.

    Returns the operators' password.
    """
    passwords = {user: secrets.token_hex(32) for user in RIGHTS}
    lines = ["user default off resetpass resetkeys resetchannels -@all"]
    for user, rights in RIGHTS.items():
        write_private(_password_file(folder, user), passwords[user])
        hashed = hashlib.sha256(passwords[user].encode()).hexdigest()  # 256 random bits, too many to guess
        lines.append(f"user {user} on #{hashed} resetchannels -@all {rights}")
    acl_file.parent.mkdir(parents=True, exist_ok=True)
    acl_file.write_text("".join(f"{line}\n" for line in lines))
    return passwords[OPERATIONS]


def _password_file(folder: Path, user: str) -> Path:
    """Where a user's password lies: in a folder of its own, as a container is given one and no other."""
    return folder / user / "password"


def redis_logins(folder: Path) -> dict[str, dict[str, str]]:
    """By process the variables by which it logs in."""
    return {
        process: {
            f"{PREFIX}REDIS_USER": user,
            f"{PREFIX}REDIS_PASSWORD_FILE": str(_password_file(folder, user)),
        }
        for process, user in USER_OF.items()
    }
