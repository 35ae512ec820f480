"""What customers bring back."""
