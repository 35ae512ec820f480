"""Goods that do not keep."""
