"""How many jobs of the small study each kind of change reruns, by rule."""

# What reads the tables of verdicts, what decides them, and all that reads scores or predictions.
FIGURES = {"figures": 1, "page": 1}
DECIDED = {"overview": 1, **FIGURES}
VERDICTS = {"verdicts": 1, **DECIDED}
BINS = {"identity_bins": 2, "distances": 1}
COMPARED = {"compare": 2, **BINS, **VERDICTS}
TABLES = {"scores": 1, "summary": 1, **COMPARED}
EMBEDDED = {"runs": 1, "params": 1, **TABLES}
ALL = 32  # fits: of two splits, seven arms under two probes, and two networks under the control


def embedded(count):
    """Return {rule: jobs} of so many embedding files of one shard."""
    return {"embed": count, "join": count}


def values(jobs, rule, wildcard):
    """Return the distinct values of a wildcard among the jobs of a rule."""
    return {job.wildcards[wildcard] for job in jobs if job.rule == rule}
