"""What systemd and cron need to make backups and verify the trail by themselves, printed to be put into place."""

from __future__ import annotations

import getpass
import shutil
import sys
from pathlib import Path

from labrecords.config import Settings

_SERVICE = """\
# /etc/systemd/system/labrecords-backup.service
[Unit]
Description=Proven backup of labrecords
After=network-online.target

[Service]
Type=oneshot
User={user}
EnvironmentFile=-/etc/labrecords.env
Environment=LABRECORDS_DATA_DIR={data}
ExecStart={program} backup --to {to}
# The bench comes first.
Nice=10
IOSchedulingClass=idle
UMask=0077

# /etc/systemd/system/labrecords-backup.timer
[Unit]
Description=Proven backup of labrecords, every night

[Timer]
OnCalendar=*-*-* 02:30
Persistent=true

[Install]
WantedBy=timers.target

# /etc/systemd/system/labrecords-verify.service
[Unit]
Description=Verification of the whole trail of labrecords

[Service]
Type=oneshot
User={user}
EnvironmentFile=-/etc/labrecords.env
Environment=LABRECORDS_DATA_DIR={data}
ExecStart={program} trail verify --note
Nice=10
IOSchedulingClass=idle

# /etc/systemd/system/labrecords-verify.timer
[Unit]
Description=Verification of the whole trail of labrecords, every night

[Timer]
OnCalendar=*-*-* 03:30
Persistent=true

[Install]
WantedBy=timers.target

# Then: systemctl daemon-reload
#       systemctl enable --now labrecords-backup.timer labrecords-verify.timer

# Or, without systemd, two lines for `crontab -e` of {user}:
# 30 2 * * * LABRECORDS_DATA_DIR={data} {program} backup --to {to}
# 30 3 * * * LABRECORDS_DATA_DIR={data} {program} trail verify --note
"""


def units(settings: Settings, to: Path) -> str:
    """The units and lines for this installation: its user, its folder, its program."""
    return _SERVICE.format(user=getpass.getuser(), data=settings.data_dir, to=to, program=_program())


def _program() -> Path:
    """The command as it was typed, or beside Python, or of the source where the packages alone are installed."""
    typed, beside = shutil.which(sys.argv[0]), Path(sys.executable).with_name("labrecords")
    if typed is not None:
        return Path(typed).absolute()
    return beside if beside.exists() else Path(__file__).parents[2] / "deploy" / "labrecords"
