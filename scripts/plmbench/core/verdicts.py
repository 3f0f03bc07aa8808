"""Words of a verdict, as tables name them, and what each says."""

BENEFITS, NO_BENEFIT, WORSE = "benefits", "no benefit", "worse"
UNCLEAR, TOO_FEW, NOT_ASSESSABLE = "unclear", "too few", "not assessable"
MEANINGS = {
    BENEFITS: "the pretrained network is better than every baseline and every ablation of itself",
    NO_BENEFIT: "a gain worth having over the best of them is excluded",
    WORSE: "a baseline or an ablation is better than the pretrained network",
    UNCLEAR: "the data do not say; the smallest gain that would have been found stands beside it",
    TOO_FEW: "too few test units or seeds to find even a large gain",
    NOT_ASSESSABLE: "a number that the verdict needs is missing; the reason stands beside it",
}
VERDICTS = tuple(MEANINGS)
INITIALS = dict(zip(VERDICTS, "BNWUF–", strict=True))  # in the cells of a map
COUNTED = {verdict: verdict.replace(" ", "_") for verdict in VERDICTS}  # verdict -> column
SCALES = "scales"  # of the published rule alone
PUBLISHED_VERDICTS = (SCALES, BENEFITS, NO_BENEFIT)
ALPHA = 0.05  # of a study, for each kind of verdict: how often one is in error
YES, NO = "yes", "no"  # in columns that answer a question, such as `in_verdict`
