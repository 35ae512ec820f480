"""Channels beside those who walk in: orders that are collected, or shipped from a DC or from stores."""
