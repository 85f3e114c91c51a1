"""Fills the templates of servers' configurations; native and container installations share them."""

from pathlib import Path
from string import Template

from recommndr.settings import Settings

# Ports whose names differ from the process's name.
_PROCESS = {"envoy_admin": "envoy", "flink_rest": "flink", "kafka_controller": "kafka", "storefront_metrics": "storefront"}


def fill(template: Path, settings: Settings, **more: object) -> str:
    """Fill a template. It may use `${host}`, `${<name>_port}` and `${<name>_host}` of each port, and the given values."""
    values: dict[str, object] = {"host": settings.host}
    for field, port in settings:
        name, suffixed, _ = field.rpartition("_port")
        if suffixed:
            process = _PROCESS.get(name, name.replace("_", "-"))
            values |= {field: port, f"{name}_host": settings.host_of(process)}
    return Template(template.read_text()).substitute(values | more)
