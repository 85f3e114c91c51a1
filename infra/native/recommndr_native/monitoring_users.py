"""Users of Prometheus and Alertmanager, which answer 401 to every request without a login, whatever its path and Host."""

import secrets
from pathlib import Path

import bcrypt
import yaml

from recommndr.private_file import write_private
from recommndr.settings import MONITORING_USER
from recommndr_http.operators import OPERATOR

# The fewest: passwords are random and too long to guess, and a request with a wrong one should cost the servers little.
_ROUNDS = 4


def write_monitoring_users(users_file: Path, password_file: Path, operations_password: str) -> str:
    """Write the users' hashed passwords as both servers read them (`--web.config.file`), and a fresh one for services.

    People log in as on `/ops`. Returns the services' password.
    """
    password = secrets.token_urlsafe(18)
    hashes = {OPERATOR: _hashed(operations_password), MONITORING_USER: _hashed(password)}
    users_file.parent.mkdir(parents=True, exist_ok=True)
    users_file.write_text(yaml.safe_dump({"basic_auth_users": hashes}))
    write_private(password_file, password)
    return password


def _hashed(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(_ROUNDS)).decode()
