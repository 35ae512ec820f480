"""Limits that items share: what a supplier, a DC or a truck can move in a night."""
