"""The demonstration: one published run, played through the real actions by a cast of one person per role."""
