"""Which disagreements of two books are violations of a blocking closure check (policy.md §11.2)."""

COVERS: dict[str, tuple[str, ...]] = {
    "CC-02": ("R-XDP-01", "R-XDP-03", "R-XDP-05", "R-XDP-06"),
    "CC-08": ("R-XDP-13", "R-XDP-14", "R-XDP-15"),
}
COVERED: frozenset[str] = frozenset(code for codes in COVERS.values() for code in codes)
