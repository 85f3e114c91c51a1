"""What a full disk costs: the copy of a record, and no release."""

from pathlib import Path
from typing import cast

import pytest

from recommndr.identity import TenantId
from recommndr.release import Placement, Release
from recommndr.release_files import ReleaseFiles
from recommndr_serving.releases.follower import Follower, Releases
from recommndr_serving.releases.release_copies import ReleaseCopies
from recommndr_serving.tenant_slot import TenantSlot

BOOKS, GROCER = TenantId("books"), TenantId("grocer")


class Followed:
    """Applies every record at once."""

    def __init__(self) -> None:
        self.tenants: list[str] = []

    def follow(self, tenant: TenantSlot, release: Release) -> bool:
        self.tenants.append(release.tenant)
        tenant.release = release
        return True


def test_a_copy_that_cannot_be_written_stops_no_other_tenants_release(tmp_path: Path) -> None:
    (tmp_path / "releases").mkdir()
    for tenant in (BOOKS, GROCER):
        release = Release(tenant=tenant, release_id="r", stable=Placement(version="v", model_version=1, slot="blue"))
        (tmp_path / "releases" / f"{tenant}.json").write_text(release.model_dump_json())
    (tmp_path / "copies").write_text("a file where the folder should be")
    followed, slots = Followed(), {tenant: TenantSlot(tenant) for tenant in (BOOKS, GROCER)}
    records, copies = ReleaseFiles(tmp_path / "releases"), ReleaseCopies(tmp_path / "copies")
    releases = Releases(cast(Follower, followed), slots, records, copies)
    with pytest.raises(OSError, match="copies"):
        releases.tick()
    assert followed.tenants == [BOOKS, GROCER]
