"""Flink is closed to the outside: no socket beyond loopback, no answer without the installation's certificate."""

import os
import ssl
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from recommndr.flink_identity import flink_context
from recommndr_flink_jobs import environment
from recommndr_flink_jobs.environment import Folders
from recommndr_flink_jobs.identity import ensure_identity
from recommndr_flink_jobs.rest import Rest
from recommndr_flink_jobs.sizes import SIZES

pytestmark = pytest.mark.integration

_PATIENCE_S = 300.0


@pytest.fixture
def running(flink_folders: Folders, jars: Path, free_port: int) -> Iterator[Rest]:
    """The interface of a cluster whose job runs until the test ends."""
    rest = Rest("127.0.0.1", free_port, flink_folders.root / "identity.pem")
    made = environment.configuration(flink_folders, flink_folders.checkpoints / "closed", rest, SIZES["small"], None)
    _, tables = environment.open_tables(made, jars)
    tables.execute_sql("CREATE TEMPORARY TABLE ticks (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '1')")
    tables.execute_sql("CREATE TEMPORARY TABLE nowhere (n BIGINT) WITH ('connector' = 'blackhole')")
    job = tables.execute_sql("INSERT INTO nowhere SELECT n FROM ticks").get_job_client()
    deadline = time.monotonic() + _PATIENCE_S
    while not rest.ask("/jobs/overview"):
        assert time.monotonic() < deadline, "Flink does not answer a client with its certificate"
        time.sleep(0.1)
    yield rest
    job.cancel().result()


# In a process of its own: which classes Java's network has is decided once, when Java starts.
_ANY_ADDRESS = """
from pyflink.java_gateway import get_gateway
from recommndr_flink_jobs.loopback import bind_loopback_only
from recommndr_flink_jobs.sizes import SIZES

jvm = get_gateway().jvm
bind_loopback_only(jvm)
plain = jvm.java.net.ServerSocket(0)
channel = jvm.java.nio.channels.ServerSocketChannel.open()
channel.bind(jvm.java.net.InetSocketAddress(0))
print(plain.getInetAddress().getHostAddress(), channel.getLocalAddress().getAddress().getHostAddress())
"""


@pytest.mark.parametrize("ipv4_only", ["false", "true"])
def test_who_asks_java_for_any_address_gets_loopback_with_ipv6_and_without(flink_folders: Folders, ipv4_only: str) -> None:
    assert flink_folders.conf.exists()
    java = {"JAVA_TOOL_OPTIONS": f"-Djava.net.preferIPv4Stack={ipv4_only}"}
    asked = subprocess.run(
        [sys.executable, "-c", _ANY_ADDRESS], env={**os.environ, **java}, capture_output=True, text=True, check=False
    )
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.split() == ["127.0.0.1", "127.0.0.1"]


def test_the_identity_is_its_owners_and_stays(tmp_path: Path) -> None:
    file = tmp_path / "rest" / "identity.pem"
    ensure_identity(file)
    before = file.read_bytes()
    ensure_identity(file)
    assert file.read_bytes() == before
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    flink_context(file)


def test_without_the_certificate_flink_answers_nothing(running: Rest) -> None:
    stranger = ssl.create_default_context()
    stranger.check_hostname, stranger.verify_mode = False, ssl.CERT_NONE
    for url, context in ((f"https://127.0.0.1:{running.port}/", stranger), (f"http://127.0.0.1:{running.port}/", None)):
        with pytest.raises(OSError) as refused:
            urllib.request.urlopen(url, timeout=_PATIENCE_S, context=context)
        assert not isinstance(refused.value, urllib.error.HTTPError)


def test_with_the_certificate_nobody_uploads_a_jar_and_no_foreign_page_reads_along(running: Rest) -> None:
    features = running.ask("/config")["features"]
    assert not any(features[name] for name in ("web-submit", "web-cancel", "web-rescale"))
    assert running.ask("/jars") is None
    context, origin = flink_context(running.identity), f"https://127.0.0.1:{running.port}"
    with urllib.request.urlopen(f"{origin}/jobs/overview", timeout=_PATIENCE_S, context=context) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == origin
