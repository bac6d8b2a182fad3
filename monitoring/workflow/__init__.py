"""The procedures as tables: which step leads from where to where, who takes it, what it needs."""
