"""The installation as a whole: which backups are kept, what one holds, how healthy the installation is."""
