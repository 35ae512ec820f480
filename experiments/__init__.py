"""The command `restock`: settings, runs, sweeps and run folders. Hydra is met here and nowhere else."""
