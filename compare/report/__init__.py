"""How a run is shown: as TensorBoard logs, and what else reports on it."""
