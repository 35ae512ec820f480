"""restock advise: which single improvement is worth most in a scenario, and which pairs go together."""
