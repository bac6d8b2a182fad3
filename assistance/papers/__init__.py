"""The papers of assistance: what a household is told about the help it gets."""
