"""Generates the reference pages from the code: topics, settings, features, releases, metrics. `make docs` runs it."""

import ast
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

from recommndr.features import added, guests, item, segment, shopper
from recommndr.release_policy import RULES, ReleasePolicy
from recommndr.served_answer import SCHEMA_VERSION, ServedAnswer
from recommndr.settings import PREFIX, SECRETS, Settings
from recommndr.topics import SERVED, TOPICS
from recommndr_engine.columns import COLUMNS
from recommndr_engine.retrievers import SPECS
from recommndr_native.kafka_users import RIGHTS, Rights

ROOT = Path(__file__).parents[1]
_MEMBERS = ("services", "monitoring", "feature_repo", "training", "serving", "infra", "flink_jobs")
_INSTRUMENTS = {"Counter", "Gauge", "Histogram", "Summary", "CounterMetricFamily", "GaugeMetricFamily"}
_NOTE = "Generated from the code by `make docs`; a test compares the two."


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _table(head: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines) + "\n"


def topics() -> str:
    """The page of Kafka topics, and of the users that may read and write them."""
    rows = ((f"`{t.name}`", t.key, t.kept, t.partitions, ", ".join(f"{k}={v}" for k, v in t.config.items())) for t in TOPICS)
    page = f"# Topics\n\n{_NOTE}\n\n" + _table(("topic", "key", "kept", "partitions", "configuration"), rows)
    page += f"\n## A record of `{SERVED.name}` (msgpack, schema_version {SCHEMA_VERSION})\n\n"
    page += "`recommndr served` shows the topic as a table: [read what was served](how-to/read-what-was-served.md). "
    page += "Nothing is drawn where no ranker ordered the list. There is no exploration, so places have no propensities. "
    page += "The lake keeps it for `RECOMMNDR_LAKE_SERVED_DAYS`.\n\n"
    page += _table(("field", "what"), ((f"`{name}`", get_args(kind)[1]) for name, kind in _of_served()))
    page += "\n## Users\n\nBlue and green log in as `serving`, `recommndr seed` and `recommndr served` as `training`. "
    page += "`operations` and `broker` may do everything.\n\n"
    return page + _table(("user", "reads", "writes", "consumer groups"), (_rights(*one) for one in RIGHTS.items()))


def _of_served() -> Iterator[tuple[str, Any]]:
    kinds = get_type_hints(ServedAnswer, include_extras=True)
    return ((one.name, kinds[one.name]) for one in fields(ServedAnswer))


def _rights(user: str, rights: Rights) -> tuple[str, ...]:
    reads, writes = (", ".join(f"`{t.name}`" for t in topics) or "nothing" for topics in (rights.reads, rights.writes))
    if rights.describes:
        reads += f"; how far {', '.join(f'`{t.name}`' for t in rights.describes)} is"
    if rights.watches:
        reads += "; of all how many records there are, and how far groups have read"
    return f"`{user}`", reads, writes, ", ".join(f"`{group}`" for group in rights.groups) or "none"


def settings() -> str:
    """The page of settings."""
    rows = (
        (f"`{PREFIX}{name.upper()}`", f"`{field.get_default()}`" if name not in SECRETS else "none", field.description)
        for name, field in Settings.model_fields.items()
    )
    intro = "Every process reads them from its environment at start. An unknown `RECOMMNDR_` variable is refused. "
    intro += "A secret may be in a file instead: name the file in the variable with `_FILE` appended."
    return f"# Settings\n\n{_NOTE} {intro}\n\n" + _table(("variable", "default", "what"), rows)


def features() -> str:
    """The page of feature groups and ranker columns."""
    parts = [f"# Features\n\n{_NOTE}\n"]
    for schema in (*shopper.SCHEMAS, guests.SCHEMA, *(group.SCHEMA for group in added.groups()), item.SCHEMA, segment.SCHEMA):
        parts.append(f"\n## Group `{schema.name}` of a {schema.entity} (owner {schema.owner}, TTL {schema.ttl.days} d)\n\n")
        parts.append(_table(("feature", "type", "what"), ((f"`{f.name}`", f.dtype, f.description) for f in schema.fields)))
    parts.append(f"\n## Ranker columns ({len(COLUMNS)}, in order, float32)\n\n")
    parts.append(_table(("column", "what"), ((f"`{c.name}`", c.description) for c in COLUMNS)))
    parts.append(f"\n## Retrievers ({len(SPECS)}, in order)\n\n")
    head = (
        "retriever",
        "fitted by stage",
        "asked from",
        "candidates",
        "blend weight",
        "only new items",
        "reason",
        "ms",
        "ablation",
    )
    rows = (
        (
            f"`{s.name}`",
            s.stage or "none",
            s.asked_from.replace("_", " "),
            s.quota,
            s.blend_weight,
            "yes" if s.discovers else "no",
            s.reason,
            s.cost_ms,
            "stays" if s.own_requests else "tries without",
        )
        for s in SPECS
    )
    parts.append(_table(head, rows))
    return "".join(parts)


def releases() -> str:
    """The page of a release's rules and of a tenant's settings of releases."""
    rules = ((f"`{name}`", rule.description, rule.limit, rule.min_samples, rule.consequence) for name, rule in RULES.items())
    fields = ReleasePolicy.model_fields.items()
    times = ((f"`{name}`", field.get_default(), field.description) for name, field in fields if name != "rules")
    intro = "What they mean and how a shop changes them: [release a version](how-to/release-a-version.md)."
    page = f"# Rules of a release\n\n{_NOTE} {intro}\n\n"
    page += _table(("rule", "fails above the limit of", "limit", "samples needed", "consequence"), rules)
    return page + "\n## Times, in seconds\n\n" + _table(("setting", "default", "what"), times)


def metrics() -> str:
    """The page of Prometheus metrics."""
    intro = "Labels are small closed sets; ids of shoppers and items are never labels."
    head = ("metric", "kind", "labels", "what", "defined in")
    return f"# Metrics\n\n{_NOTE} {intro}\n\n" + _table(head, iter(sorted(set(_instruments()))))


def _instruments() -> Iterator[tuple[str, str, str, str, str]]:
    files = [path for member in _MEMBERS for path in (ROOT / member).rglob("recommndr*/**/*.py") if ".venv" not in path.parts]
    for path in files:
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", None) in _INSTRUMENTS:
                arguments = [*call.args[:2], *(call.args[2:3] or [kw.value for kw in call.keywords if kw.arg == "labels"])]
                literals = [ast.literal_eval(arg) if _is_literal(arg) else () for arg in arguments]
                if literals and isinstance(literals[0], str) and literals[0].startswith("recommndr_"):
                    name, what, labels = (*literals, (), ())[:3]
                    kind = getattr(call.func, "id", "").removesuffix("MetricFamily").lower()
                    yield f"`{name}`", kind, ", ".join(labels) or "none", str(what), str(path.relative_to(ROOT))


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def client_retrievers() -> str:
    """The storefront client's list of retrievers whose places may be explained by a single action of the shopper."""
    names = "".join(f'  "{spec.name}",\n' for spec in SPECS if spec.from_actions)
    note = "/** Generated from the retrievers by `make docs`; a test compares the two. */\n"
    return f"{note}export const FROM_ACTIONS: readonly string[] = [\n{names}];\n"


PAGES = {
    "docs/topics.md": topics,
    "docs/settings.md": settings,
    "docs/features.md": features,
    "docs/releases.md": releases,
    "docs/metrics.md": metrics,
    "frontend/client/src/retrievers.ts": client_retrievers,
}


def main() -> None:
    """Write all pages."""
    for name, page in PAGES.items():
        (ROOT / name).write_text(page())


if __name__ == "__main__":
    main()
