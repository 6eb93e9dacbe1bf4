"""The demonstration: three published runs, played through the real actions by a cast of one person per role.

`play.py` plays them all. A run is a module and a TOML file of what is reported and what was chosen: `story.py` (bone
marrow by centrifugation, divided into three syringes for two discs, one entry corrected), `filtration.py` (marrow by
filtration, a clean run of a registered patient with order, ids and labels) and `enzymatic.py` (fat by an enzyme, a
gap in custody that is explained before the release, one entry late, two tubes poured together, a label put over
another, and one count repeated; and a second batch whose fat is kept in the fridge). `run.py` is the base of every run,
`written.py` of those whose steps stand in their file. `ordered.py`, `labelled.py` and `explained.py` play what a file
asks for beside its steps.
"""
