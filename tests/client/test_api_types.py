"""The Python client's types are those of `docs/openapi.json`; `make docs` writes them."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TYPES = ROOT / "clients" / "python" / "recommndr_client" / "api_types.py"
HEADER = '"""Requests and answers of the API, made from `docs/openapi.json` by `make docs`."""'


def write(types: Path) -> None:
    generator = Path(sys.executable).parent / "datamodel-codegen"
    options = ["--output-model-type", "typing.TypedDict", "--target-python-version", "3.11", "--formatters", "builtin"]
    options += ["--use-standard-collections", "--use-union-operator", "--no-use-closed-typed-dict", "--collapse-root-models"]
    options += ["--openapi-scopes", "schemas", "paths", "parameters"]
    read = ["--input", str(ROOT / "docs" / "openapi.json"), "--input-file-type", "openapi", "--output", str(types)]
    subprocess.run(
        [generator, *options, *read, "--custom-file-header", HEADER], check=True, capture_output=True, cwd=types.parent
    )


def test_the_types_are_those_of_the_document(tmp_path: Path) -> None:
    write(tmp_path / "api_types.py")
    assert TYPES.read_text() == (tmp_path / "api_types.py").read_text(), "run `make docs`"


if __name__ == "__main__":
    write(TYPES)
