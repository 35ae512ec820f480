"""Goods that a DC sends to the sites below without their order."""
