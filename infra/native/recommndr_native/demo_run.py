"""The demo's stages in their order; `demo.py` decides when to start, stay and stop."""

import itertools
import json
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from recommndr.catalog import CatalogItem
from recommndr_native import report
from recommndr_native.commands import run
from recommndr_native.installation import Installation, environment_of
from recommndr_native.latency import measure
from recommndr_native.replay_live import choose, replay, tell_story
from recommndr_native.shop import Answer, Refused, Shop
from recommndr_native.stages import Stages
from recommndr_rollout.file_store import FileReleaseStore
from recommndr_rollout.promote import Promotion, promote
from recommndr_training.held_out import Basket, baskets, catalog_items

TENANT = "grocer"
_ITEMS_PER_CALL = 1_000
_LATENCY_REQUESTS = 1_000
_LIVE_TIMEOUT_S = 240.0


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the caller wants to see."""

    profile: str
    per_second: float
    n_baskets: int


@dataclass
class DemoRun:
    """One run against one installation."""

    installation: Installation
    stages: Stages
    wishes: Wishes
    checkout: Path
    _failed_start: list[BaseException] = field(default_factory=list, init=False)

    def __call__(self) -> None:
        """All stages; the first failure ends it."""
        self.installation.start()
        waiting = threading.Thread(target=self._await_services, daemon=True)
        waiting.start()  # services come up while the models are trained
        with self.stages.stage(f"train profile {self.wishes.profile}"):
            self._command("recommndr", "train", "--profile", self.wishes.profile)
        with self.stages.stage("services"):
            waiting.join()
            for cause in self._failed_start:
                raise cause
        with self.stages.stage("register in MLflow"):
            registered = self._register()
        with self.stages.stage("seed the live state"):
            self._command("recommndr", "seed", "--profile", self.wishes.profile, "--publish")
        with closing(self._shop()) as shop:
            self._go_live(shop, registered)

    def _go_live(self, shop: Shop, registered: dict[str, Any]) -> None:
        items = list(catalog_items(self.wishes.profile))
        held_out = list(itertools.islice(baskets(self.wishes.profile), self.wishes.n_baskets))
        with self.stages.stage(f"catalogue: {len(items):,} items"):
            for call in _calls(items):
                shop.put_items(call)
        with self.stages.stage("release"):
            self._promote(registered["model_version"], registered["bundle_version"])
        with self.stages.stage("live state"):
            self._await_live(shop, registered["bundle_version"], held_out)
        self._show(shop, items, held_out)

    def _show(self, shop: Shop, items: Sequence[CatalogItem], held_out: Sequence[Basket]) -> None:
        titles: dict[str, str] = {item.item_id: item.title for item in items}
        with self.stages.stage(f"replay {len(held_out)} real baskets, {self.wishes.per_second:g} a second"):
            chosen = choose(shop, held_out)
            self._replay(shop, held_out[:chosen])
            story = tell_story(shop, held_out[chosen])
            self._replay(shop, held_out[chosen + 1 :])
        self.stages.console.print(report.story_table(story, titles))
        with self.stages.stage("latency"):
            users = itertools.cycle(dict.fromkeys(basket.user_id for basket in held_out))
            latency = measure(shop, itertools.islice(users, _LATENCY_REQUESTS))
        self.stages.console.print(report.latency_table(latency, _LATENCY_REQUESTS))

    def _await_services(self) -> None:
        began = time.monotonic()
        try:
            self.installation.create_topics()
            self.installation.wait_ready(
                timeout_s=300.0, tell=lambda name: self.stages.tell(f"ready: {name} after {time.monotonic() - began:.0f} s")
            )
        except Exception as cause:  # handed to the thread that waits for this one
            self._failed_start.append(cause)

    def _command(self, *words: str) -> list[str]:
        environment = os.environ | environment_of(self.installation.settings, os.environ)
        return run(words, environment, self.checkout, self.stages.tell)

    def _register(self) -> dict[str, Any]:
        lines = self._command("recommndr", "register", "--profile", self.wishes.profile)
        registered: dict[str, Any] = json.loads(next(line for line in reversed(lines) if line.startswith("{")))
        return registered

    def _shop(self) -> Shop:
        return Shop(self.installation.settings.envoy_url, TENANT, self.installation.keys.server_keys[TENANT])

    def _promote(self, model_version: int, bundle_version: str) -> None:
        store = FileReleaseStore(self.installation.settings.releases_dir)
        wanted = Promotion(TENANT, bundle_version, model_version, "demo", datetime.now(UTC))
        saved = store.save(promote(store.load(TENANT), wanted))
        self.stages.tell(f"version {model_version} ({bundle_version}) stable in {saved.stable.slot}")

    def _await_live(self, shop: Shop, bundle_version: str, held_out: Sequence[Basket]) -> None:
        """Until the version answers in full for every household that the replay starts with."""
        waiting = dict.fromkeys(basket.user_id for basket in held_out[:50])
        known: set[str] = set()
        deadline = time.monotonic() + _LIVE_TIMEOUT_S
        while len(known) < len(waiting) * 0.9:  # a few households are new in the held-out weeks
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"after {_LIVE_TIMEOUT_S:.0f} s {len(known)} of {len(waiting)} households have their features"
                )
            for user_id in [user for user in waiting if user not in known]:
                answer = _asked(shop, user_id)
                if answer and answer.ladder == "full" and answer.model_version == bundle_version and answer.n_events:
                    known.add(user_id)
            time.sleep(0.2)
        self.stages.tell(f"{len(known)} of the first {len(waiting)} households answered in full")

    def _replay(self, shop: Shop, held_out: Sequence[Basket]) -> None:
        columns = (TextColumn("  baskets"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.stages.console, transient=True) as progress:
            task = progress.add_task("", total=len(held_out))
            replay(shop, held_out, self.wishes.per_second, lambda: progress.advance(task))


def _asked(shop: Shop, user_id: str) -> Answer | None:
    try:
        return shop.recommend(user_id)
    except Refused:
        return None  # the routes or the slot are a moment behind the release


def _calls(items: Sequence[CatalogItem]) -> Iterator[Sequence[CatalogItem]]:
    for start in range(0, len(items), _ITEMS_PER_CALL):
        yield items[start : start + _ITEMS_PER_CALL]
