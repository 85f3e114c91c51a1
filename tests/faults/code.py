"""Checkouts of other code for code releases: folders whose slot program is the tests' slot, or one that is broken."""

from pathlib import Path

from recommndr_rollout.code.command import slot_program
from recommndr_rollout.code.record import Code
from tests.faults.order import SLOT_PROGRAM

RUNS = f'exec {SLOT_PROGRAM} "$@"'
CRASHES = "exit 1"


def checkout(folder: Path, revision: str, script: str = RUNS) -> Code:
    """Code in a folder of its own whose slot runs the shell script."""
    path = slot_program(folder / revision)
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return Code(revision=revision, checkout=str(folder / revision))
