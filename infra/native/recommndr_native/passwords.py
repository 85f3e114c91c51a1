"""Passwords of a server's users: each in a folder of its own, so that a container can be given only that folder."""

from collections.abc import Mapping
from pathlib import Path

from recommndr.settings import PREFIX


def password_file(folder: Path, user: str) -> Path:
    """The file of a user's password."""
    return folder / user / "password"


def login(server: str, folder: Path, user: str) -> dict[str, str]:
    """The variables by which a process or a tool logs in to `server` (KAFKA, REDIS) as the user."""
    return {f"{PREFIX}{server}_USER": user, f"{PREFIX}{server}_PASSWORD_FILE": str(password_file(folder, user))}


def logins(server: str, folder: Path, user_of: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """By process the variables by which it logs in; `user_of` has the user of each process."""
    return {process: login(server, folder, user) for process, user in user_of.items()}
