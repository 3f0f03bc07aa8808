"""Selections of a layer, as tables name them: the one chosen on validation, and the last one."""

VALIDATION, LAST = "validation", "last"
SELECTIONS = (VALIDATION, LAST)
EACH = "each"  # not chosen, but one of all layers
