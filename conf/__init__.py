"""Configuration shipped with restock: scenarios, policies, experiments, and the data they stand on."""
