"""The beer game as people play it: seats, bots, a saved game, and the terminal."""
