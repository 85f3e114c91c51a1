"""The exported pages in memory with their headers; only files of the export can be requested."""

import base64
import gzip
import hashlib
import mimetypes
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_COMPRESSIBLE = re.compile(r"^(text/|application/(javascript|json|xml)|image/svg)")
_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_NAMED_BY_CONTENT = "_next/static/"  # file names in this folder contain a hash of the content
_IMMUTABLE, _ASK_FIRST = "public, max-age=31536000, immutable", "no-cache"


class NoExport(RuntimeError):
    """The export has no pages; the message says how to build them."""


@dataclass(frozen=True, slots=True)
class Page:
    """One file of the export."""

    body: bytes
    compressed: bytes | None  # gzip; None if it is not smaller
    headers: Mapping[str, str]
    # Next writes inline scripts into pages; a policy with their hashes allows these and no others.
    script_hashes: tuple[str, ...] = field(default=())

    @property
    def etag(self) -> str:
        """Names the content."""
        return self.headers["etag"]


class Pages:
    """All files of an export by request path."""

    def __init__(self, folder: Path) -> None:
        files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
        if "index.html" not in files:
            raise NoExport(f"{folder}: no index.html in this folder; run `make setup`, which builds the pages")
        self._pages = {url: _page(name, path) for name, path in files.items() for url in _urls(name)}
        self.not_found = self._pages.get("/404")

    def find(self, path: str) -> Page | None:
        """The page at a path; None if there is none."""
        return self._pages.get(path) or (self._pages.get(path.rstrip("/")) if path != "/" else None)


def _urls(name: str) -> Iterator[str]:
    if name == "index.html":
        yield "/"
    elif name.endswith(".html"):
        yield f"/{name.removesuffix('.html')}"
    else:
        yield f"/{name}"


def _page(name: str, path: Path) -> Page:
    body = path.read_bytes()
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {
        "content-type": f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type,
        "cache-control": _IMMUTABLE if name.startswith(_NAMED_BY_CONTENT) else _ASK_FIRST,
        "etag": f'"{hashlib.sha256(body).hexdigest()[:20]}"',
        "vary": "accept-encoding",
    }
    compressed = gzip.compress(body, 9, mtime=0) if _COMPRESSIBLE.match(media_type) else None
    return Page(
        body,
        compressed if compressed is not None and len(compressed) < len(body) else None,
        headers,
        tuple(_hash(script) for script in _INLINE_SCRIPT.findall(body)) if media_type == "text/html" else (),
    )


def _hash(script: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"
