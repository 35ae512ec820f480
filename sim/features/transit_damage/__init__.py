"""Goods damaged on their way, and written off at receipt."""
