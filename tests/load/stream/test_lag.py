"""What the load command calls sustained: the lag of Redis does not grow, and is gone soon after the load."""

import asyncio

import pytest

from tests.load.stream.lag import Lag, watch


@pytest.mark.parametrize(
    ("seconds", "recovery_s", "kept"),
    [
        ([0.1] * 30, 0.2, True),
        ([0.1, 0.3, 0.1] * 10, 0.2, True),  # packs come at their own times
        ([n / 5 for n in range(30)], 1.0, False),  # falls behind, though it catches up soon
        ([4.0] * 30, 4.2, False),  # a constant lag, which goes only when the load ends
        ([0.1] * 30, float("inf"), False),  # the feature writer hangs at the end
        ([], 0.0, True),
    ],
)
def test_a_load_is_kept_up_with_when_the_lag_neither_grows_nor_stays(
    seconds: list[float], recovery_s: float, kept: bool
) -> None:
    assert Lag(seconds, recovery_s).is_kept is kept


async def test_the_lag_is_read_until_it_is_gone() -> None:
    samples, ended, loop = iter([0.1, 3.0, 3.0, 1.0, 0.4]), asyncio.Event(), asyncio.get_running_loop()

    def read() -> float:
        sample = next(samples)
        if sample == 3.0:
            loop.call_soon_threadsafe(ended.set)
        return sample

    lag = await watch(read, ended.wait())
    assert lag.seconds == [0.1, 3.0]
    assert lag.recovery_s < float("inf")
    assert next(samples, None) is None
