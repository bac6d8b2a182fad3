"""Uploaded files: abstract model, storing with checks, guarded download. No app of its own."""
