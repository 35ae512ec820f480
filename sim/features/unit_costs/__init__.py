"""Unit costs that change, and what goods cost under FIFO, LIFO and moving average."""
