"""Papers of monitoring that are printed from the data."""
