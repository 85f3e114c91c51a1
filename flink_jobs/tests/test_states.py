"""The fold's states stay cached in Flink's worker: PyFlink decides that by how a state expires."""

from pyflink.datastream.state import MapStateDescriptor
from pyflink.fn_execution.state_impl import LRUCache, SynchronousMapRuntimeState

from recommndr_flink_jobs.operators import state_descriptors


class _Backend:
    """The parts of PyFlink's state backend that a state switches off."""

    class _Holder:
        def __init__(self, cache: object) -> None:
            self._cache = self._state_cache = cache

    def __init__(self) -> None:
        self.read_cache = LRUCache(1_000, None)
        self._state_handler = self._Holder(self._Holder(self.read_cache))


def opened(descriptor: MapStateDescriptor, backend: _Backend) -> SynchronousMapRuntimeState:
    """The state as PyFlink's worker opens it."""
    state = SynchronousMapRuntimeState(descriptor.get_name(), None, None, backend)
    if descriptor._ttl_config is not None:
        state.enable_time_to_live(descriptor._ttl_config)
    return state


def test_no_state_of_the_fold_switches_off_the_workers_caches() -> None:
    backend = _Backend()
    states = [opened(descriptor, backend) for descriptor in state_descriptors()]
    assert {state._cache_type for state in states} == {SynchronousMapRuntimeState.CacheType.ENABLE_READ_WRITE_CACHE}
    assert backend.read_cache._max_entries == 1_000


def test_outcomes_of_shoppers_expire() -> None:
    _, _, shoppers, _ = state_descriptors()
    assert shoppers._ttl_config.get_ttl().to_milliseconds() == 30 * 86_400_000
