"""Lessons: a question, a prediction, a run that answers it, and why."""
