"""Becomes a serving slot that runs the code which the record of code releases names: `recommndr-slot --slot blue|green`.

supervisord starts it. It notes with which code it starts, so that rollout can tell a process of other code, and is then
replaced by the slot's program of that code: of another checkout's environment, or of this installation.
"""

import argparse
import os
import shlex
import sys
from pathlib import Path
from typing import get_args

from recommndr.release import Slot
from recommndr.settings import load, variable
from recommndr_rollout.code.command import slot_program
from recommndr_rollout.code.processes import StartedWith, note_file
from recommndr_rollout.code.record import Code
from recommndr_rollout.code.store import CodeStore
from recommndr_rollout.replaced_file import replace


def main() -> None:
    """Note, and become the slot."""
    parser = argparse.ArgumentParser(prog="recommndr-slot", description=__doc__)
    parser.add_argument("--slot", required=True, choices=get_args(Slot), help="name of the serving process")
    parser.add_argument(
        "--program", default="", help="command of the installation's own code; by default `recommndr-serving` beside this one"
    )
    told = parser.parse_args()
    settings = load(os.environ)
    record = CodeStore(settings.code_release_file).load()
    code = Code() if record is None else record.code_in(told.slot)
    command = [*program(code, told.program), "--slot", told.slot]
    if not Path(command[0]).exists():
        raise SystemExit(f"recommndr-slot: {command[0]}: missing; run `make setup` in the checkout of code {code.revision!r}")
    started = StartedWith(pid=os.getpid(), revision=code.revision)
    replace(note_file(settings.slot_processes_dir, told.slot), started.model_dump_json())
    sys.stdout.flush()
    os.execve(command[0], command, os.environ | {variable("code"): code.revision})  # noqa: S606 - our own program


def program(code: Code, own: str) -> list[str]:
    """The command of a slot of this code, without its arguments."""
    if code.checkout:
        return [str(slot_program(Path(code.checkout)))]
    return shlex.split(own) or [str(Path(sys.executable).parent / "recommndr-serving")]


if __name__ == "__main__":
    main()
