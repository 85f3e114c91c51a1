"""The repository tests its own documents: topics, settings, metrics, features and decisions are described where people look."""

import re
from pathlib import Path

import pytest

from docs.catalogue import PAGES, ROOT
from recommndr.topics import TOPICS

DOCS = ROOT / "docs"
MARKDOWN = [ROOT / "README.md", *DOCS.rglob("*.md"), *(ROOT / "monitoring").rglob("*.md")]


@pytest.mark.parametrize("page", PAGES)
def test_a_reference_page_is_in_step_with_the_code(page: str) -> None:
    assert (ROOT / page).read_text() == PAGES[page](), f"{page} is out of step: run `make docs`"


def test_every_topic_the_code_names_is_in_the_one_table() -> None:
    known = {topic.name for topic in TOPICS}
    for member in ("recommndr", "services", "monitoring", "feature_repo", "training", "serving", "infra", "flink_jobs"):
        for path in (ROOT / member).rglob("recommndr*/**/*.py"):
            if ".venv" not in path.parts and path.name != "topics.py":
                named = set(re.findall(r'"(recommndr\.[a-z.-]+\.v\d+)"', path.read_text()))
                assert not named, f"{path.relative_to(ROOT)} spells out {named}: import it from recommndr.topics"
    assert len(known) == len(TOPICS)


def test_every_decision_is_numbered_linked_and_has_a_status() -> None:
    index = (DOCS / "adr" / "README.md").read_text()
    records = sorted(DOCS.glob("adr/[0-9]*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    for path in records:
        assert f"({path.name})" in index, f"{path.name} is not in docs/adr/README.md"
        assert re.search(r"^Status: (accepted|superseded)", path.read_text(), re.MULTILINE), path.name


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()):
        assert (path.parent / target).exists(), f"{path.relative_to(ROOT)} links to {target}, which does not exist"


def test_every_make_target_the_documents_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in MARKDOWN:
        for target in re.findall(r"`make ([a-z-]+)", path.read_text()):
            assert target in targets, f"{path.relative_to(ROOT)} names `make {target}`, which does not exist"


def test_readme_shows_a_picture_before_it_explains_and_the_picture_is_light() -> None:
    first, *_ = re.findall(r"!\[[^\]]+\]\((docs/[^)]+)\)|^```", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert first, "README has no picture before its first block of text"
    assert (ROOT / first).stat().st_size < 200_000
