"""Files that Envoy watches: replaced by rename, since Envoy reacts to moves into the folder and must never read half a file."""

from pathlib import Path


def replace(path: Path, text: str) -> bool:
    """Make the file hold the text; returns whether it had to change."""
    if path.exists() and path.read_text() == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text)
    temporary.rename(path)
    return True
