"""A data folder of SQLite: no network share, nobody else's business, one server at a time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from labrecords import folder, installation
from labrecords.config import read_settings
from labrecords.folder import FolderInUse, held, share_of, too_open
from labrecords.installation import NotReady, create_installation
from tests.support.installations import SITE

LINE = "36 35 98:0 / {at} rw,noatime shared:1 - {kind} source rw\n"
ROOT = LINE.format(at="/", kind="ext4")


@pytest.mark.parametrize("kind", ["nfs4", "nfs", "cifs", "smb3", "fuse.sshfs", "9p", "ceph", "fuse.rclone"])
def test_a_network_share_is_known(kind: str) -> None:
    mounts = ROOT + LINE.format(at="/srv/share", kind=kind)
    assert share_of(Path("/srv/share/lab/x.sqlite3"), mounts) == kind
    assert share_of(Path("/srv/share"), mounts) == kind
    assert share_of(Path("/srv/shared/x"), mounts) == ""


@pytest.mark.parametrize(
    "kind", ["ext4", "xfs", "btrfs", "zfs", "overlay", "tmpfs", "fuse.gocryptfs", "fuseblk"]
)
def test_a_disk_of_this_machine_is_none(kind: str) -> None:
    assert share_of(Path("/srv/share/x"), ROOT + LINE.format(at="/srv/share", kind=kind)) == ""


def test_the_innermost_and_the_last_mount_counts() -> None:
    mounts = ROOT + LINE.format(at="/srv", kind="nfs4") + LINE.format(at="/srv/disk", kind="xfs")
    assert share_of(Path("/srv/disk/lab"), mounts) == ""
    assert share_of(Path("/srv/lab"), mounts + LINE.format(at="/srv", kind="ext4")) == ""
    assert share_of(Path("/srv/a b/x"), ROOT + LINE.format(at="/srv/a\\040b", kind="cifs")) == "cifs"


@pytest.mark.parametrize("mounts", ["", "nonsense", "36 35 98:0 / /srv\n", "1 2 3 4 / rw -\n"])
def test_what_cannot_be_read_is_no_share(mounts: str) -> None:
    assert share_of(Path("/srv/x"), mounts) == ""


def test_a_link_to_a_share_is_a_share(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert share_of(tmp_path / "link" / "x", ROOT + LINE.format(at=tmp_path / "real", kind="nfs4")) == "nfs4"


def test_on_a_share_nothing_is_made_and_nothing_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(ROOT + LINE.format(at=tmp_path / "share", kind="cifs"))
    monkeypatch.setattr(folder, "MOUNTS", mounts)
    settings = read_settings({"LABRECORDS_DATA_DIR": str(tmp_path / "share")})
    with pytest.raises(NotReady, match=r"network share \(cifs\).*Move the data folder .* or use PostgreSQL"):
        create_installation(settings, SITE)
    assert not (tmp_path / "share").exists()
    with pytest.raises(NotReady, match="network share"):
        installation.open_installation(
            read_settings({"LABRECORDS_DATA_DIR": str(tmp_path / "share"), "LABRECORDS_SECRET_KEY": "x" * 40})
        )


def test_rights_that_are_too_wide_are_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    assert too_open(tmp_path) == f"{tmp_path} can be opened by others (rights 750): run chmod 700 {tmp_path}"
    tmp_path.chmod(0o700)
    assert too_open(tmp_path) == ""


def test_a_folder_is_held_once_and_says_by_whom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "WAITS_S", 0)
    with (
        held(tmp_path),
        pytest.raises(FolderInUse, match=r"served already, by process \d+ on ."),
        held(tmp_path),
    ):
        pass
    with held(tmp_path):
        pass


@pytest.mark.parametrize("left", [b"", b"{", b"[]", b'{"pid": "x", "host": 1}', b"\xff"])
def test_a_lock_file_that_was_left_behind_is_no_obstacle_and_whatever_it_says_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: bytes
) -> None:
    monkeypatch.setattr(folder, "WAITS_S", 0)
    (tmp_path / folder.LOCK).write_bytes(left)
    with held(tmp_path):
        (tmp_path / folder.LOCK).write_bytes(left)
        with pytest.raises(FolderInUse, match="by another process"), held(tmp_path):
            pass


def test_after_kill_9_the_folder_is_free(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", "import sys, time; from pathlib import Path; from labrecords.folder import held\n"
         f"with held(Path({str(tmp_path)!r})):\n  print('held', flush=True); time.sleep(60)"],
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    holder.kill()
    with held(tmp_path):
        pass
    holder.communicate()
