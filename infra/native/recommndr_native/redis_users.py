"""Redis ACL users: login is required, each service may run only the commands it needs, and nobody may run scripts."""

import hashlib
import secrets
from collections.abc import Mapping
from pathlib import Path

from recommndr.private_file import write_private
from recommndr_native.passwords import logins, password_file

OPERATIONS = "operations"
_LOGIN = "+auth +hello +ping +select +client|setname"
# Commands of Feast and our clients, found by running them; a missing command fails in the services' own tests.
RIGHTS: Mapping[str, str] = {
    "feature-writer": f"~* {_LOGIN} +hset +hdel +del +mget +set +watch +unwatch +multi +exec +discard",
    "serving": f"%R~* {_LOGIN} +hmget",
    "monitoring": f"{_LOGIN} +info",
    OPERATIONS: "~* &* +@all -@scripting",  # for operators
}
USER_OF: Mapping[str, str] = {
    "feature-writer": "feature-writer", "blue": "serving", "green": "serving", "monitoring": "monitoring",
}  # fmt: skip


def write_redis_users(acl_file: Path, folder: Path) -> str:
    """Give every user a new password in `folder/USER/password`; Redis reads their hashes from `acl_file`.

    Returns the operators' password.
    """
    for user in RIGHTS:
        write_private(password_file(folder, user), secrets.token_hex(32))
    write_redis_rights(acl_file, folder)
    return _password(folder, OPERATIONS)


def write_redis_rights(acl_file: Path, folder: Path) -> None:
    """Write what each user may do in this version, with the password that it has. Redis reads the file when it starts."""
    lines = ["user default off resetpass resetkeys resetchannels -@all"]
    for user, rights in RIGHTS.items():
        hashed = hashlib.sha256(_password(folder, user).encode()).hexdigest()  # 256 random bits, too many to guess
        lines.append(f"user {user} on #{hashed} resetchannels -@all {rights}")
    acl_file.parent.mkdir(parents=True, exist_ok=True)
    acl_file.write_text("".join(f"{line}\n" for line in lines))


def _password(folder: Path, user: str) -> str:
    return password_file(folder, user).read_text().strip()


def redis_logins(folder: Path) -> dict[str, dict[str, str]]:
    """The login variables of each process."""
    return logins("REDIS", folder, USER_OF)
