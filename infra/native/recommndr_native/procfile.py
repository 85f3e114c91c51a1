"""Reads the Procfile with honcho, and writes supervisord's configuration from it."""

import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from honcho.environ import parse_procfile

from recommndr_native.installed import NotInstalled

# Servers start first, which is quicker: on two cores a dozen processes starting at once delay the broker that all others wait
# for. They stop last, because services flush into them. Monitoring starts with the servers that it watches.
SERVERS = ("kafka", "redis", "mlflow")


@dataclass(frozen=True, slots=True)
class Process:
    """One line of the Procfile."""

    name: str
    command: str

    @property
    def group(self) -> str:
        """The group it is started and stopped with."""
        return "servers" if self.name in SERVERS else "services"


def read_procfile(path: Path) -> list[Process]:
    """All processes in the file's order."""
    return [Process(name, command) for name, command in parse_procfile(path.read_text()).processes.items()]


@dataclass(frozen=True, slots=True)
class Supervised:
    """Further inputs of supervisord's configuration."""

    checkout: Path
    folder: Path  # its socket, pid file and own log
    logs: Path
    path: str
    user: str


def supervisor_config(processes: Sequence[Process], supervised: Supervised, own: Mapping[str, Mapping[str, str]]) -> str:
    """The text of `supervisord.conf`: every process is restarted when it ends, stopped with its children, logged to one file.

    `own` has variables of single processes in addition to the common environment.
    """
    sections: dict[str, Mapping[str, object]] = {
        "unix_http_server": {"file": supervised.folder / "supervisor.sock", "chmod": "0700"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface",
        },
        "supervisord": {
            "nodaemon": "true",
            "umask": "077",  # the default is 022, whatever umask it was started with
            "user": supervised.user,
            "logfile": supervised.logs / "supervisord.log",
            "pidfile": supervised.folder / "supervisord.pid",
            "childlogdir": supervised.logs,
            "minfds": 1024,
        },
    }
    for process in processes:
        sections[f"program:{process.name}"] = {
            "command": _absolute(process.command, supervised),
            "directory": supervised.checkout,
            "environment": ",".join(f'{name}="{value}"' for name, value in own.get(process.name, {}).items()),
            "autostart": str(process.group == "servers").lower(),
            "autorestart": "true",
            "startretries": 1_000,  # dependencies may be down for long; after giving up, a person would have to restart it
            "startsecs": 1,
            "stopasgroup": "true",
            "killasgroup": "true",
            "stopwaitsecs": 15,
            "redirect_stderr": "true",
            "stdout_logfile": supervised.logs / f"{process.name}.log",
            "stdout_logfile_maxbytes": "20MB",
            "stdout_logfile_backups": 1,
        }
    for priority, group in ((1, "servers"), (2, "services")):  # the highest is stopped first
        members = [process.name for process in processes if process.group == group]
        if members:
            sections[f"group:{group}"] = {"programs": ",".join(members), "priority": priority}
    return "\n".join(_section(name, values) for name, values in sections.items())


def _absolute(command: str, supervised: Supervised) -> str:
    first, *rest = shlex.split(command)
    found = shutil.which(first, path=supervised.path) or shutil.which(str(supervised.checkout / first))
    if found is None:
        raise NotInstalled(f"{first}: not in {supervised.path.partition(':')[0]}; run `make setup`")
    return shlex.join([found, *rest])


def _section(name: str, values: Mapping[str, object]) -> str:
    lines = [f"{key}={str(value).replace('%', '%%')}\n" for key, value in values.items()]
    return f"[{name}]\n{''.join(lines)}"
