"""Gives a slot's process other code, by supervisord. A process notes with which code it was started (`StartedWith`).

Level-triggered: each call takes at most one step, so that a repeat, also by another process, goes on where the first ended.
Where nothing supervises the slots here, as in containers, the platform replaces the image, and rollout waits for it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from xmlrpc.client import Fault, ServerProxy

from pydantic import BaseModel, ConfigDict
from supervisor.xmlrpc import SupervisorTransport

from recommndr.release import Slot

_log = logging.getLogger(__name__)
_DOWN = frozenset({"STOPPED", "EXITED", "FATAL"})


class StartedWith(BaseModel):
    """What a slot's process notes of itself before it becomes the serving process."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    pid: int
    revision: str


def note_file(folder: Path, slot: Slot) -> Path:
    """Where the slot's process notes it."""
    return folder / f"{slot}.json"


class SlotProcesses(Protocol):
    """What runs the slots' processes."""

    def keep(self, slot: Slot, revision: str) -> None:
        """Take one step towards a process of this slot that runs the revision; returns at once."""
        ...


def call_supervisord(socket: Path) -> ServerProxy:
    """A client of the supervisord that listens there."""
    return ServerProxy("http://127.0.0.1", transport=SupervisorTransport(None, None, f"unix://{socket}"))


@dataclass(frozen=True, slots=True)
class Supervised:
    """Slots that supervisord runs, in its group of services."""

    socket: Path
    notes: Path
    call: Callable[[Path], Any] = call_supervisord

    def keep(self, slot: Slot, revision: str) -> None:
        """Stop a process of other code; start a stopped one, which reads the record for its code."""
        if not self.socket.exists():
            return
        name = f"services:{slot}"
        try:
            with self.call(self.socket) as client:
                supervisord = client.supervisor
                told = supervisord.getProcessInfo(name)
                if told["statename"] in _DOWN:
                    supervisord.startProcess(name, False)
                elif told["statename"] == "RUNNING" and self._is_other(slot, int(told["pid"]), revision):
                    _log.info("slot %s is restarted with code %r", slot, revision)
                    supervisord.stopProcess(name, False)  # SIGTERM, and SIGKILL if it does not end
        except (OSError, Fault) as cause:  # it is busy with this process, or shutting down; the next tick sees
            _log.warning("supervisord at %s does not replace slot %s: %s", self.socket, slot, cause)

    def _is_other(self, slot: Slot, pid: int, revision: str) -> bool:
        """Whether this very process was started with other code; one that has not noted anything yet has just begun."""
        try:
            started = StartedWith.model_validate_json(note_file(self.notes, slot).read_bytes())
        except (OSError, ValueError):
            return False
        return started.pid == pid and started.revision != revision
