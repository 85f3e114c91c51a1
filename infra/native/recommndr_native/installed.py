"""Finds the programs that `make setup` installed: jars and Debian's servers. Errors say how to install what is missing."""

import shutil
from dataclasses import dataclass
from itertools import chain
from pathlib import Path


class NotInstalled(RuntimeError):
    """A program of the native installation is missing; the message says which and how to install it."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The `.tools` folder of a checkout."""

    root: Path

    @classmethod
    def of_checkout(cls, start: Path | None = None) -> "Tools":
        """The tools of the checkout that holds `start`, by default this file: the first parent with a Makefile.

        If this file is installed outside a checkout, as in an image, the search starts at the working directory.
        """
        starts = (start,) if start else (Path(__file__).resolve(), Path.cwd() / "Makefile")
        for folder in chain.from_iterable(path.parents for path in starts):
            if (folder / "Makefile").exists():
                return cls(folder / ".tools")
        raise NotInstalled(f"no Makefile in the folders above {start or __file__}; run this from a checkout of Recommndr")

    @property
    def checkout(self) -> Path:
        """The folder with the Makefile."""
        return self.root.parent

    def kafka_classpath(self) -> str:
        """Java's class path of a broker; raises `NotInstalled`."""
        return f"{self._jars('kafka', 'kafka_2.13-*.jar')}/*"

    def flink_jars(self) -> Path:
        """The folder of Flink's connector jars; raises `NotInstalled`."""
        return self._jars("flink-jars", "flink-sql-connector-kafka-*.jar")

    def _jars(self, name: str, one_of_them: str) -> Path:
        folder = self.root / name
        if not any(folder.glob(one_of_them)):
            raise NotInstalled(f"{folder}/{one_of_them}: missing; run `make setup`")
        return folder


def program(name: str, package: str) -> str:
    """Path of a program from a Debian package; raises `NotInstalled`."""
    found = shutil.which(name)
    if found is None:
        raise NotInstalled(f"{name}: not on PATH; run `make setup`, or install the package {package}")
    return found
