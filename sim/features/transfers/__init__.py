"""Goods that stores of a region send each other."""
