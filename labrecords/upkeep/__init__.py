"""The installation as a whole: proven backups, restoring, health, upgrades. For commands and one page."""
