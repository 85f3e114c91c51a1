"""Versions of a profile side by side, in a small repository whose stage declares what the real `evaluate` declares."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
EVALUATE = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]["evaluate"]["do"]
FOLDER = "var/tiny/evaluate"
WRITE = f"""
import json, pathlib, yaml
from recommndr_training.judging import evaluation_report
ndcg = yaml.safe_load(open("params.yaml"))["ndcg"]
method = lambda value: {{"ndcg@10": value, "ndcg@10_low": value - .01, "ndcg@10_high": value + .01}}
found = {{"all": {{"shoppers": 9, "methods": {{"als": method(0.1), "ranker": method(ndcg)}}}}}}
folder = pathlib.Path("{FOLDER}")
folder.mkdir(parents=True, exist_ok=True)
(folder / "metrics.json").write_text(json.dumps(found))
(folder / "ndcg.csv").write_text(evaluation_report.bars(found))
(folder / "ranker_gains.csv").write_text(evaluation_report.gain_bars({{"als_score": 0.4, "item_age": 0.6}}))
(folder / "table.md").write_text("table")
(folder / "figures.md").write_text("figures")
(folder / "by_age.md").write_text("ages")
(folder / "gate.json").write_text("gate")
(folder / "by_shopper.parquet").write_text("shoppers")
evaluation_report.plot(found, folder / "ndcg.png")
evaluation_report.plot(found, folder / "by_age.png")
"""


def run(folder: Path, *command: str) -> str:
    environment = os.environ | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    environment |= {"DVC_NO_ANALYTICS": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def dvc(folder: Path, *arguments: str) -> str:
    return run(folder, sys.executable, "-m", "dvc", *arguments)


def git(folder: Path, *arguments: str) -> None:
    run(folder, "git", "-c", "user.name=t", "-c", "user.email=t@example.com", *arguments)


def version(folder: Path, ndcg: float) -> None:
    (folder / "params.yaml").write_text(yaml.safe_dump({"ndcg": ndcg}))
    dvc(folder, "repro", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", f"NDCG {ndcg}")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions, committed; `.dvc` and `.gitignore` are ours."""
    folder = tmp_path_factory.mktemp("repository")
    git(folder, "init", "-q")
    shutil.copytree(ROOT / ".dvc", folder / ".dvc", ignore=shutil.ignore_patterns("cache", "tmp", "config.local"))
    shutil.copy(ROOT / ".gitignore", folder)
    (folder / "write.py").write_text(WRITE)
    stage = {kind: EVALUATE[kind] for kind in ("outs", "metrics", "plots")}
    stage |= {"cmd": "python write.py", "params": ["ndcg"], "deps": ["write.py"]}
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": {"evaluate": {"foreach": {"tiny": {}}, "do": stage}}}))
    version(folder, 0.3)
    version(folder, 0.5)
    return folder


def test_metrics_of_the_last_version_are_compared_though_git_has_none_of_them(repository: Path) -> None:
    assert "var/" not in run(repository, "git", "ls-files")
    found = json.loads(dvc(repository, "metrics", "diff", "HEAD~1", "HEAD", "--json"))
    changed = found[f"{FOLDER}/metrics.json"]
    assert changed["all.methods.ranker.ndcg@10"] == {"old": 0.3, "new": 0.5, "diff": pytest.approx(0.2)}
    assert not any("als" in name for name in changed)


def test_plots_draw_versions_side_by_side_as_bars_from_zero(repository: Path) -> None:
    drawn = json.loads(dvc(repository, "plots", "diff", "HEAD~1", "HEAD", "--json"))["data"]
    assert set(drawn) == {f"{FOLDER}/{name}" for name in ("ndcg.png", "by_age.png", "ndcg.csv", "ranker_gains.csv")}
    ((ndcg,), (gains,)) = (drawn[f"{FOLDER}/{name}.csv"] for name in ("ndcg", "ranker_gains"))
    bars = [(row["rev"], row["what"], float(row["ndcg@10"])) for row in ndcg["content"]["data"]["values"]]
    assert bars == [
        ("HEAD~1", "all: ranker", 0.3),
        ("HEAD~1", "all: als", 0.1),
        ("HEAD", "all: ranker", 0.5),
        ("HEAD", "all: als", 0.1),
    ]
    largest_first = [row["column"] for row in gains["content"]["data"]["values"] if row["rev"] == "HEAD"]
    assert largest_first == ["item_age", "als_score"]
    for plot in (ndcg, gains):
        assert plot["content"]["mark"]["type"] == "bar"
        assert plot["content"]["encoding"]["x"]["scale"]["zero"] is True


def test_a_clone_pulls_what_was_pushed_and_runs_nothing_again(repository: Path, tmp_path: Path) -> None:
    dvc(repository, "push", "-q")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(repository), "clone")
    assert not (clone / "var").exists()
    dvc(clone, "remote", "modify", "--local", "local", "url", str(repository / "var" / "dvc-remote"))
    dvc(clone, "pull", "-q")
    for path in (repository / FOLDER).iterdir():
        assert (clone / FOLDER / path.name).read_bytes() == path.read_bytes()
    assert "didn't change" in dvc(clone, "repro")


def test_a_second_checkout_of_the_same_person_restores_what_the_first_one_trained(repository: Path, tmp_path: Path) -> None:
    first, second = (tmp_path / name for name in ("first", "second"))
    for checkout in (first, second):
        git(tmp_path, "clone", "-q", str(repository), str(checkout))
        (checkout / "uv.lock").write_text("packages")
        share_trained(checkout, tmp_path / "home")
    assert "Running stage" in dvc(first, "repro")
    assert "Running stage" not in dvc(second, "repro")
    for path in (first / FOLDER).iterdir():
        assert (second / FOLDER / path.name).read_bytes() == path.read_bytes()


def test_what_was_trained_with_other_packages_is_not_shared_and_a_cache_of_its_own_stays(tmp_path: Path) -> None:
    checkout, home = tmp_path / "checkout", tmp_path / "home"
    (checkout / ".dvc").mkdir(parents=True)
    links = []
    for lock in ("packages", "other packages", "packages"):
        (checkout / "uv.lock").write_text(lock)
        share_trained(checkout, home)
        links.append((checkout / ".dvc" / "cache").readlink())
    assert links[0] == links[2] != links[1]
    (checkout / ".dvc" / "cache").unlink()
    (checkout / ".dvc" / "cache").mkdir()
    share_trained(checkout, home)
    assert not (checkout / ".dvc" / "cache").is_symlink()


def share_trained(checkout: Path, home: Path) -> None:
    environment = os.environ | {"XDG_CACHE_HOME": str(home)}
    subprocess.run([ROOT / "infra" / "native" / "share_trained.sh"], cwd=checkout, env=environment, check=True)
