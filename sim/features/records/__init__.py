"""Records that may differ from the stock: lag, counts, wrong scans, and units lost unseen (shrinkage)."""
