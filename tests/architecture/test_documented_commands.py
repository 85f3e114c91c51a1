"""What README and the how-tos say to type exists: commands of `recommndr` with their options, and the data sets they name."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from docs.catalogue import ROOT
from recommndr_training.cli import app

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs/how-to").glob("*.md"))]
CLI = get_command(app)
COMMANDS = CLI.commands  # type: ignore[attr-defined]


def typed(text: str) -> Iterator[list[str]]:
    """Words behind `recommndr` on each line of a block and in each span of code, without remarks; continued lines are one."""
    for code in re.findall(r"```.*?```|`[^`\n]+`", text.replace("\\\n", " "), re.DOTALL):
        for line in code.strip("`").splitlines():
            found = re.match(r"(?:uv run )?recommndr ([^#;|]*)", line.strip())
            if found:
                yield found[1].split()


def documented() -> list[tuple[str, list[str]]]:
    return [(page.name, words) for page in PAGES for words in typed(page.read_text())]


def test_the_documents_name_every_command() -> None:
    assert {words[0] for _, words in documented()} >= set(COMMANDS)


@pytest.mark.parametrize(
    ("page", "words"), documented(), ids=lambda value: value if isinstance(value, str) else " ".join(value)
)
def test_a_documented_command_exists_with_its_options(page: str, words: list[str]) -> None:
    name, *rest = words
    assert name in COMMANDS, f"{page}: there is no command `recommndr {name}`"
    command = COMMANDS[name]
    if rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest[0]]
    known = {option for parameter in command.params for option in parameter.opts}
    for option in (word for word in rest if word.startswith("--")):
        assert option in known, f"{page}: `recommndr {name}` has no {option}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_lake_or_truth_that_a_document_reads_is_made_by_some_stage(page: Path) -> None:
    """Of the pipeline's folders `var/<profile>/lake` and `var/<profile>/simulate` only those of dvc.yaml are there."""
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
    made = {f"var/{item}/lake" for stage in ("import", "simulate") for item in stages[stage]["foreach"]}
    made |= {f"var/{item}/simulate" for item in stages["simulate"]["foreach"]} | {"var/run/lake"}
    named = set(re.findall(r"var/[a-z_]+/(?:lake|simulate)\b", page.read_text()))
    assert named <= made, f"{page.name} names {sorted(named - made)}, which no stage makes"
