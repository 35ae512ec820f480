"""Suppliers that are down, ship part of an order or bad goods, and lanes that close or keep to days."""
