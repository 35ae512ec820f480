"""`python -m restock` is the command restock."""

import sys

from restock.experiments.cli import main

if __name__ == "__main__":
    sys.exit(main())
