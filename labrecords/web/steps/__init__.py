"""The screen of a step: its form, what is said while it is filled in, the recorded step, the red page."""
