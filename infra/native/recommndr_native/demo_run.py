"""The demo's stages in order; `demo.py` decides when to start, keep running and stop."""

import itertools
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from recommndr_native import report
from recommndr_native.go_live import GoLive, fill_catalogue
from recommndr_native.installation import Installation
from recommndr_native.latency import measure
from recommndr_native.replay_live import choose, replay, tell_story
from recommndr_native.shop import Shop
from recommndr_native.stages import Stages
from recommndr_training.shipping.held_out import Basket, baskets, known_users

_LATENCY_REQUESTS = 1_000
_VISITORS_PER_SECOND, _VISITORS_S = 3.0, 15
_FIRST_BASKETS = 50  # live state is ready when these households get answers from their own features


@dataclass(frozen=True, slots=True)
class Wishes:
    """The options of the demo."""

    profile: str
    per_second: float
    n_baskets: int
    beside: tuple[str, ...] = ()  # profiles of other shops


@dataclass
class DemoRun:
    """One run against one installation."""

    installation: Installation
    go_live: GoLive
    stages: Stages
    wishes: Wishes
    beside: Sequence[GoLive] = ()  # other shops of the same installation
    _failed_start: list[BaseException] = field(default_factory=list, init=False)

    def __call__(self) -> None:
        """Run all stages; the first failure ends the run."""
        self.installation.start()
        waiting = threading.Thread(target=self._bring_up, daemon=True)
        waiting.start()  # services come up while the models are trained
        for shop_of in (self.go_live, *self.beside):
            with self.stages.stage(f"train profile {shop_of.profile}"):
                shop_of.train()
        with closing(self.go_live.shop()) as shop:
            registered = self._fill(shop)
            with self.stages.stage("services"):
                waiting.join()
                for cause in self._failed_start:
                    raise cause
            with self.stages.stage("live state"):
                users = [basket.user_id for basket in self._held_out()[:_FIRST_BASKETS]]
                self.go_live.await_answers(shop, registered["bundle_version"], users)
            self.go_live.open()
            for other in self.beside:
                self._serve_beside(other)
            self._show(shop)

    def _bring_up(self) -> None:
        began = time.monotonic()
        try:
            self.installation.bring_up(
                tell=lambda name: self.stages.tell(f"ready: {name} after {time.monotonic() - began:.0f} s")
            )
        except Exception as cause:  # passed on to the thread that waits for this one
            self._failed_start.append(cause)

    def _fill(self, shop: Shop) -> dict[str, Any]:
        """Each step waits only for the service that it needs; slower services start meanwhile."""
        ready = self.installation.wait_ready
        with self.stages.stage("seeds"):
            ready(["collector"])  # services start when the topics exist
            self.go_live.seed()
        with self.stages.stage("register in MLflow"):
            ready(["mlflow"])
            registered = self.go_live.register()
        with self.stages.stage("release"):
            self.go_live.release(registered)  # the slot fetches the bundle while the catalogue is written
        with self.stages.stage("catalogue"):
            ready(["envoy"])
            fill_catalogue(shop, self.go_live.items())
        return registered

    def _serve_beside(self, other: GoLive) -> None:
        with self.stages.stage(f"tenant {other.tenant}"), closing(other.shop()) as shop:
            other.seed()
            registered = other.register()
            other.release(registered)
            fill_catalogue(shop, other.items())
            other.await_answers(shop, registered["bundle_version"], known_users(other.profile, _FIRST_BASKETS))
            other.open()
            if other.has_truth:
                other.live_visitors(_VISITORS_PER_SECOND, _VISITORS_S)

    def _show(self, shop: Shop) -> None:
        held_out = self._held_out()
        titles: dict[str, str] = {item.item_id: item.title for item in self.go_live.items()}
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

    def _held_out(self) -> list[Basket]:
        return list(itertools.islice(baskets(self.wishes.profile), self.wishes.n_baskets))

    def _replay(self, shop: Shop, held_out: Sequence[Basket]) -> None:
        columns = (TextColumn("  baskets"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(
            *columns, console=self.stages.console, transient=True, disable=not self.stages.console.is_terminal
        ) as progress:
            task = progress.add_task("", total=len(held_out))
            replay(shop, held_out, self.wishes.per_second, lambda: progress.advance(task))
