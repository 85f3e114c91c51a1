"""The repository tests its own documents: topics, settings, metrics, features and decisions are described where people look."""

import re
from pathlib import Path

import pytest

from recommndr.features import item, shopper
from recommndr.ranker_inputs import RANKER_INPUTS
from recommndr.settings import Settings
from recommndr.topics import TOPICS, Topic

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SOURCES = [
    path
    for member in ("recommndr", "services", "feature_repo", "training", "serving", "infra", "flink_jobs")
    for path in (ROOT / member).rglob("recommndr*/**/*.py")
    if ".venv" not in path.parts
]
METRIC = re.compile(r'(Counter|Gauge|Histogram|Summary)\(\s*"(recommndr_\w+)"')


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_topic_is_described(topic: Topic) -> None:
    row = f"| `{topic.name}` | {topic.key} | {topic.kept} |"
    assert row.replace("tenant|", "tenant\\|") in (DOCS / "topics.md").read_text()


def test_every_setting_is_described_with_its_default() -> None:
    text = (DOCS / "settings.md").read_text()
    for name, field in Settings.model_fields.items():
        assert f"| `RECOMMNDR_{name.upper()}` |" in text, f"docs/settings.md lacks {name}"
        assert str(field.description) in text, f"docs/settings.md: {name} has another description"
    for name in re.findall(r"`RECOMMNDR_(\w+)`", text):
        assert name.lower() in Settings.model_fields, f"docs/settings.md describes {name}, which is no setting"


def test_every_metric_is_described_and_every_described_metric_exists() -> None:
    defined = {name for path in SOURCES for _, name in METRIC.findall(path.read_text())}
    described = set(re.findall(r"^\| `(recommndr_\w+)` \|", (DOCS / "metrics.md").read_text(), re.MULTILINE))
    assert defined == described


def test_every_feature_and_ranker_column_is_described() -> None:
    text = (DOCS / "features.md").read_text()
    for schema in (*shopper.SCHEMAS, item.SCHEMA):
        for field in schema.fields:
            assert f"| `{field.name}` | {field.dtype} | {field.description} |" in text, field.name
    for column in RANKER_INPUTS:
        assert f"| `{column.name}` | {column.description} |" in text, column.name


def test_every_decision_is_numbered_linked_and_has_a_status() -> None:
    index = (DOCS / "adr" / "README.md").read_text()
    records = sorted(DOCS.glob("adr/[0-9]*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    for path in records:
        assert f"({path.name})" in index, f"{path.name} is not in docs/adr/README.md"
        assert re.search(r"^Status: (accepted|superseded)", path.read_text(), re.MULTILINE), path.name


def test_links_between_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.relative_to(ROOT)} links to {target}, which does not exist"


def test_documents_are_long_enough_to_help() -> None:
    readme = (ROOT / "README.md").read_text()
    for command in ("make demo", "make test", "curl"):
        assert command in readme
