"""What the demo is put together from, each part alone."""

import io
import os
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest
from rich.console import Console

from recommndr.events import ClientInteraction, Line
from recommndr.settings import Settings
from recommndr_native import report
from recommndr_native.commands import CommandFailed, run
from recommndr_native.latency import measure
from recommndr_native.replay_live import NothingChanged, choose, replay, tell_story
from recommndr_native.shop import Answer, Shop
from recommndr_native.stages import Stages
from recommndr_training.shipping.held_out import Basket


class RememberingShop(Shop):
    """Answers with what was bought last, like a platform that learns at once."""

    def __init__(self, n_events: int = 30, learns: bool = True) -> None:
        super().__init__("http://127.0.0.1:1", "grocer", "rk_grocer_x")
        self.sent: list[ClientInteraction] = []
        self._n_events = n_events
        self._learns = learns

    def send(self, event: ClientInteraction) -> UUID:
        self.sent.append(event)
        return event.event_id

    def recommend(self, user_id: str, k: int = 10) -> Answer:
        learned = [event for event in self.sent if event.user_id == user_id] if self._learns else []
        item_ids = tuple(line.item_id for event in reversed(learned) for line in event.lines)
        return Answer((*item_ids, "milk", "bread")[:k], "full", "v1", self._n_events + len(learned), 0.004)


def basket(user_id: str, n_lines: int = 8) -> Basket:
    return Basket(user_id, f"order-{user_id}", 0.0, tuple(Line(item_id=f"item-{number}") for number in range(n_lines)))


def printed(thing: object) -> str:
    console = Console(file=io.StringIO(), width=160)
    console.print(thing)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_baskets_are_sent_in_their_order_as_purchases_of_now() -> None:
    shop, told = RememberingShop(), []
    assert replay(shop, [basket("a"), basket("b", 2)], 1_000, lambda: told.append(1)) == 2
    assert [event.user_id for event in shop.sent] == ["a", "b"]
    assert [line.item_id for line in shop.sent[1].lines] == ["item-0", "item-1"]
    assert len(told) == 2
    assert shop.sent[0].occurred_at <= shop.sent[1].occurred_at


def test_the_story_is_of_the_first_known_household_with_a_readable_basket() -> None:
    assert choose(RememberingShop(), [basket("a", 2), basket("b"), basket("c")]) == 1
    with pytest.raises(LookupError, match="none of 1 baskets"):
        choose(RememberingShop(n_events=3), [basket("b")])


def test_a_household_whose_second_basket_it_is_has_no_clean_before() -> None:
    assert choose(RememberingShop(), [basket("a", 2), basket("a"), basket("c")]) == 2


def test_a_story_holds_before_and_after(monkeypatch: pytest.MonkeyPatch) -> None:
    story = tell_story(RememberingShop(), basket("b"))
    assert story.before.item_ids == ("milk", "bread")
    assert story.after.item_ids[0] == "item-0"
    assert story.seconds < 1
    text = printed(report.story_table(story, {"item-0": "Peaches", "milk": "Milk"}))
    assert "→ Peaches" in text
    assert "Milk" in text
    monkeypatch.setattr("recommndr_native.replay_live._CHANGE_TIMEOUT_S", 0.05)
    with pytest.raises(NothingChanged, match="household b"):
        tell_story(RememberingShop(learns=False), basket("b"))


def test_latency_is_reported_with_the_ladder() -> None:
    latency = measure(RememberingShop(), ["a"] * 10)
    assert latency.p50_ms == pytest.approx(4.0)
    assert latency.ladder == {"full": 1.0}
    assert "full 100.0%" in printed(report.latency_table(latency, 10))


def test_every_url_is_reported() -> None:
    text = printed(report.urls_table(Settings(), "var/keys/grocer", "var/keys/operations.password"))
    for where in ("18000", "18500", "18081", "18090", "18001", "var/keys/grocer"):
        assert where in text


def test_a_failed_stage_is_in_the_summary_with_its_reason() -> None:
    stages = Stages(Console(file=io.StringIO(), width=160))
    with stages.stage("first"):
        stages.tell("[not markup]")
    with pytest.raises(ValueError, match="no luck"), stages.stage("second"):
        raise ValueError("no luck")
    assert stages.failed
    text = printed(stages.summary())
    assert "first" in text
    assert "no luck" in text


def commanded(script: Sequence[str], tell: list[str], tmp_path: Path) -> list[str]:
    return run(["python", "-c", "\n".join(script)], os.environ, tmp_path, tell.append)


def test_a_command_is_read_line_by_line_and_its_failure_ends_with_what_it_said(tmp_path: Path) -> None:
    told: list[str] = []
    assert commanded(["print('one')", "print('two')"], told, tmp_path) == ["one", "two"]
    assert told == ["one", "two"]
    with pytest.raises(CommandFailed, match="status 3:\nwhy"):
        commanded(["print('why')", "raise SystemExit(3)"], told, tmp_path)


def test_an_interrupted_command_is_ended(tmp_path: Path) -> None:
    def interrupt(_: str) -> None:
        raise KeyboardInterrupt

    script = "import time; print('up', flush=True); time.sleep(1000)"
    with pytest.raises(KeyboardInterrupt):
        run(["python", "-c", script], os.environ, tmp_path, interrupt)
