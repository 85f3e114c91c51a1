"""Release records as one process follows them: it has one arm, in which the stable version answers."""

from collections.abc import Iterator

from recommndr.release import SLOTS, Release
from recommndr.release_files import ReleaseFiles

ARM = SLOTS[0]


class OneArm(ReleaseFiles):
    """The records with the stable version in the one arm, whichever slot they name; without challenger."""

    def load_all(self) -> Iterator[Release]:
        """See `ReleaseFiles.load_all`."""
        for release in super().load_all():
            stable = release.stable.model_copy(update={"slot": ARM})
            yield release.model_copy(update={"stable": stable, "challenger": None, "challenger_weight": 0, "previous": None})
