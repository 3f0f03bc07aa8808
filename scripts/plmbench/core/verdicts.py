"""Words of a verdict, as tables name them."""

SCALES, BENEFITS, NO_BENEFIT, UNCLEAR = "scales", "benefits", "no benefit", "unclear"
TOO_FEW = "too few"  # test sequences for any of the others
VERDICTS = (SCALES, BENEFITS, NO_BENEFIT, UNCLEAR, TOO_FEW)
COUNTED = {verdict: verdict.replace(" ", "_") for verdict in VERDICTS}  # verdict -> column
YES, NO = "yes", "no"  # in columns that answer a question, such as `in_verdict`
