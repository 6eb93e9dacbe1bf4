"""`python -m labrecords`: the command, also where the package is not installed."""

from labrecords.cli import main

if __name__ == "__main__":
    main(prog_name="labrecords")
