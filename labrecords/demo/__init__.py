"""The demonstration: three published runs, played through the real actions by a cast of one person per role.

`play.py` plays them all. A run is a module and a TOML file of what is reported and what was chosen: `story.py` (bone
marrow by centrifugation, one entry corrected), `filtration.py` (marrow by filtration, one entry late) and
`enzymatic.py` (fat by an enzyme, one count repeated). `run.py` is the base of every run, `written.py` of those whose
steps stand in their file.
"""
