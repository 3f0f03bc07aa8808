"""What an interval takes the training data for: as given, or as drawn anew by refits."""

GIVEN, REDRAWN = "given", "redrawn"
IN_WORDS = {
    GIVEN: "Intervals are given these training data; `refits` in the configuration lets them hold "
    "what other training data would give",
    REDRAWN: "Intervals hold what other training data would give: layer and settings were chosen, "
    "and the probe was fit, again on redrawn training rows",
}
