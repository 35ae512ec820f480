"""restock's model, its two engines, and what is measured of them. See README.md for where to start reading."""

import os

# the kernel and the rules are compiled, or not there: what a caller switched off for other code is on here
if "NUMBA_DISABLE_JIT" in os.environ:
    os.environ["NUMBA_DISABLE_JIT"] = "0"
