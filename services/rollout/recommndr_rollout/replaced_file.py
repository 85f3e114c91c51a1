"""Replaces files that Envoy watches by rename: Envoy reacts to moves into the folder and must never read half a file."""

from pathlib import Path


def replace(path: Path, text: str) -> bool:
    """Write the text to the file if it differs; returns whether it did."""
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text)
    temporary.rename(path)
    return True
