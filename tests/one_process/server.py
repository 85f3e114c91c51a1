"""`python -m tests.one_process.server FOLDER`: one process as `recommndr serve` runs it, on a folder that is made already.

On SIGUSR1 it writes the names of all modules that it has imported into the folder.
"""

import os
import signal
import sys
from pathlib import Path

from recommndr_native.installed import Tools
from recommndr_one_process.database import Database
from recommndr_one_process.places import Places
from recommndr_one_process.serving import serve_shops

MODULES = "modules.txt"


def main() -> None:
    folder = Path(sys.argv[1])
    places = Places(folder)
    signal.signal(signal.SIGUSR1, lambda *_: (folder / MODULES).write_text("\n".join(sys.modules)))
    settings = places.settings(os.environ, Tools.of_checkout().checkout)
    serve_shops(settings, Database(places.database), folder / "pages")


if __name__ == "__main__":
    main()
