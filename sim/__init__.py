"""restock's model, its two engines, and what is measured of them. See README.md for where to start reading."""
