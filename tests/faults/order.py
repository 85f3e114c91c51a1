"""The fault that a slot is told to have."""

import sys
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from recommndr.release import SLOTS, Slot
from recommndr.settings import Settings

# errors: 8 % of the requests raise. slow: each takes 400 ms more. leak: each keeps a megabyte. swapped: two ranker columns are
# exchanged. crash: the process ends when it starts.
Fault = Literal["none", "errors", "slow", "leak", "swapped", "crash"]


# Commands in place of the Procfile's: slots that obey orders.
SLOT_PROGRAM = f"{sys.executable} -m tests.faults.slot"
SLOT_COMMANDS = {slot: f"recommndr-slot --slot {slot} --program '{SLOT_PROGRAM}'" for slot in SLOTS}


class Order(BaseModel):
    """One fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fault: Fault = "none"
    columns: tuple[int, int] = (0, 0)  # places of the ranker columns that `swapped` exchanges


def order_file(settings: Settings, slot: Slot) -> Path:
    """Where the slot reads its order."""
    return settings.state_dir / "faults" / f"{slot}.json"


def give(settings: Settings, slot: Slot, order: Order) -> None:
    """Write the order; the slot obeys from its next request on."""
    path = order_file(settings, slot)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(order.model_dump_json())
    new.replace(path)
