"""From the Procfile to supervisord's configuration."""

from configparser import ConfigParser
from pathlib import Path

import pytest

from recommndr_native.installed import NotInstalled, Tools
from recommndr_native.procfile import SERVERS, Process, Supervised, read_procfile, supervisor_config

PROCFILE = Tools.of_checkout().checkout / "infra" / "native" / "Procfile"


def supervised(folder: Path) -> Supervised:
    return Supervised(checkout=folder, folder=folder / "run", logs=folder / "logs", path="/usr/bin:/bin", user="me")


def test_the_procfile_names_every_part_of_the_installation() -> None:
    names = [process.name for process in read_procfile(PROCFILE)]
    assert set(names) == {
        *SERVERS, "flink", "collector", "feature-writer", "lake-writer", "blue", "green", "rollout", "storefront",
        "monitoring", "prometheus", "alertmanager", "envoy",
    }  # fmt: skip


def test_every_process_is_restarted_logged_and_ended_with_its_children(tmp_path: Path) -> None:
    processes = [Process("kafka", "sh -c 'exit 1'"), Process("blue", "sleep 100%")]
    parser = ConfigParser(interpolation=None)
    parser.read_string(supervisor_config(processes, supervised(tmp_path), {}))
    blue = parser["program:blue"]
    assert blue["command"] == "/usr/bin/sleep 100%%"
    assert (blue["autorestart"], blue["killasgroup"], blue["stopasgroup"]) == ("true", "true", "true")
    assert blue["stdout_logfile"] == str(tmp_path / "logs" / "blue.log")
    assert parser["supervisord"]["umask"] == "077"  # what processes write is their owner's to read
    assert parser["program:kafka"]["command"] == "/usr/bin/sh -c 'exit 1'"


def test_services_are_stopped_before_the_servers_they_write_into(tmp_path: Path) -> None:
    processes = [Process("kafka", "sleep 1"), Process("blue", "sleep 1")]
    parser = ConfigParser(interpolation=None)
    parser.read_string(supervisor_config(processes, supervised(tmp_path), {}))
    assert parser["group:servers"]["programs"] == "kafka"
    assert parser["group:services"]["programs"] == "blue"
    assert int(parser["group:services"]["priority"]) > int(parser["group:servers"]["priority"])


def test_a_command_that_is_not_installed_is_named_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(NotInstalled, match=r"recommndr-nothing: .*make setup"):
        supervisor_config([Process("x", "recommndr-nothing run")], supervised(tmp_path), {})
