"""The sheets of villages and counties as papers, in the order of the form (forms.md §2, §3)."""
