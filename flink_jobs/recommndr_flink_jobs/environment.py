"""Flink embedded in this process's Java child: its folders, memory, ports and settings."""

import shutil
import sys
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path

import pyflink
from pyflink.common import Configuration
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.java_gateway import get_gateway
from pyflink.table import StreamTableEnvironment

from recommndr_flink_jobs.buckets import MAX_PARALLELISM
from recommndr_flink_jobs.loopback import bind_loopback_only
from recommndr_flink_jobs.rest import Rest
from recommndr_flink_jobs.sizes import Size

# Events are kept 72 h in the topic and folded up to 24 h late, so a repeat that could be folded is always recognised.
_DEDUPE_TTL = "96 h"
_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Folders:
    """Flink's folders; nothing is written into the installed package."""

    root: Path

    @property
    def conf(self) -> Path:
        """Flink's configuration folder."""
        return self.root / "conf"

    @property
    def log(self) -> Path:
        """Logs of the Java process and of the Python worker."""
        return self.root / "log"

    @property
    def kafka_login(self) -> Path:
        """File of the login that Kafka's clients in the Java process read."""
        return self.root / "kafka-login.properties"

    @property
    def checkpoints(self) -> Path:
        """One folder for each run of the job."""
        return self.root / "checkpoints"

    @property
    def temporary(self) -> Path:
        """Working files, including RocksDB's; deleted with the process."""
        return self.root / "tmp"


def prepare(folders: Folders, environment: MutableMapping[str, str], size: Size) -> None:
    """Create the folders and configure the Java process; call it before anything else uses Flink."""
    shutil.rmtree(folders.temporary, ignore_errors=True)
    for folder in (folders.conf, folders.log, folders.checkpoints, folders.temporary):
        folder.mkdir(parents=True, exist_ok=True)
    shipped = Path(pyflink.__file__).parent / "conf"
    for name in ("config.yaml", "log4j-cli.properties"):  # config.yaml opens the Java 17 modules that Flink needs
        shutil.copyfile(shipped / name, folders.conf / name)  # without the installed files' modes
    environment.update(
        FLINK_CONF_DIR=str(folders.conf.resolve()),
        FLINK_LOG_DIR=str(folders.log.resolve()),
        FLINK_PID_DIR=str(folders.root.resolve()),
        # Otherwise the worker would be a thread of this process, on a port that listens on every address.
        _python_worker_execution_mode="process",
        JVM_ARGS=f"-Xmx{size.heap_mb}m {size.jvm_flags} -Djava.io.tmpdir={folders.temporary.resolve()}",
    )


def configuration(folders: Folders, checkpoints: Path, rest: Rest, size: Size, resume_from: Path | None) -> Configuration:
    """Flink's settings for one run that keeps its checkpoints in `checkpoints`."""
    settings = rest.settings(folders.temporary) | {
        "jobmanager.bind-host": _HOST,
        "jobmanager.rpc.address": _HOST,
        "taskmanager.bind-host": _HOST,
        "taskmanager.host": _HOST,
        "io.tmp.dirs": str(folders.temporary.resolve()),
        "pipeline.max-parallelism": str(MAX_PARALLELISM),
        "state.backend.type": "rocksdb",
        "execution.checkpointing.dir": checkpoints.resolve().as_uri(),
        "execution.checkpointing.interval": "3 s",
        "execution.checkpointing.incremental": "true",
        "execution.checkpointing.num-retained": "2",
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        "restart-strategy.type": "exponential-delay",
        "restart-strategy.exponential-delay.initial-backoff": "500 ms",
        "restart-strategy.exponential-delay.max-backoff": "10 s",
        "restart-strategy.exponential-delay.attempts-before-reset-backoff": "2147483647",
        # Batching: how long records wait between tasks, and how many elements go into one Python call. At its end, each bucket
        # that was written takes a call to Java, so with 64 elements and 10 ms half of the time was waiting for these.
        "execution.buffer-timeout.interval": "5 ms",
        "python.fn-execution.bundle.time": "25",
        "python.fn-execution.bundle.size": "256",
        # States that were read stay cached in the worker, because a call to Java takes longer than the fold.
        "python.map-state.read-cache-size": str(size.cached_states),
        "python.map-state.iterate-response-batch-size": str(size.cached_states),
        "python.map-state.write-cache-size": "2000",
        "table.exec.state.ttl": _DEDUPE_TTL,
    }
    if resume_from is not None:
        settings["execution.state-recovery.path"] = resume_from.resolve().as_uri()
    made = Configuration()
    for key, value in settings.items():
        made.set_string(key, value)
    return made


def open_tables(
    made: Configuration, jars: Path, parallelism: int = 1
) -> tuple[StreamExecutionEnvironment, StreamTableEnvironment]:
    """The environments of one run; the worker uses this Python, so that it can import the same packages."""
    bind_loopback_only(get_gateway().jvm)
    environment = StreamExecutionEnvironment.get_execution_environment(made)
    environment.set_parallelism(parallelism)
    environment.set_python_executable(sys.executable)
    environment.add_jars(*(jar.resolve().as_uri() for jar in sorted(jars.glob("*.jar"))))
    return environment, StreamTableEnvironment.create(environment)
