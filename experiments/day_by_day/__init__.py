"""A store's day for learners: every phase, quantity and decision said in a sentence."""
