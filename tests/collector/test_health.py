from recommndr_collector.event_log import InMemoryEventLog
from tests.collector.shop import Collector, click


async def test_it_is_live_always_and_ready_while_the_log_is(collector: Collector, log: InMemoryEventLog) -> None:
    statuses = []
    for log.failing in (None, "disconnected"):
        responses = [await collector.client.get(f"/health/{what}") for what in ("live", "ready")]
        statuses.append([response.status_code for response in responses])
    assert statuses == [[200, 200], [200, 503]]


async def test_counters_are_exported_as_zero_before_the_first_event(collector: Collector) -> None:
    text = (await collector.client.get("/metrics")).text
    for outcome in ("accepted", "invalid", "unknown"):
        assert f'recommndr_collector_events_total{{outcome="{outcome}",tenant="grocer"}} 0.0' in text
    assert 'recommndr_collector_requests_refused_total{status="401"} 0.0' in text
    assert 'recommndr_collector_attribution_dropped_total{reason="expired"} 0.0' in text
    assert "process_resident_memory_bytes" in text


async def test_metrics_count_outcomes(collector: Collector) -> None:
    await collector.client.post("/events", json=click())
    await collector.client.post("/events", content=b"{")
    text = (await collector.client.get("/metrics")).text
    assert 'recommndr_collector_events_total{outcome="accepted",tenant="grocer"} 1.0' in text
    assert 'recommndr_collector_events_total{outcome="invalid",tenant="grocer"} 1.0' in text
    assert 'recommndr_collector_requests_refused_total{status="400"} 1.0' in text


async def test_the_interface_describes_its_bodies(collector: Collector) -> None:
    schema = (await collector.client.get("/openapi.json")).json()
    assert set(schema["paths"]) >= {"/events", "/items", "/items/{item_id}", "/items/{item_id}/availability"}
    assert {"ClientInteraction", "ClientSearch", "ClientIdentify", "Line", "CatalogItem"} <= set(
        schema["components"]["schemas"]
    )
