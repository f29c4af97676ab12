"""Mutation tests: small one-line breaks of the backend, each against the tests that should notice it.

`python -m tests.mutations` runs the kept list in breaks.toml. `python -m tests.mutations.lines` notes which test runs
which line; `python -m tests.mutations.draw` draws breaks at random, for the list or to run each against all of those.

Of the tools that exist, mutmut 3 rewrites functions only (no module constants, no class bodies, no columns) and
cosmic-ray starts a Python per mutant on the checkout itself (5 s of imports here, 0.5 s in a fork); neither keeps a
list whose entries carry their tests and reasons, or draws by a seed, weighted by lines.
"""
