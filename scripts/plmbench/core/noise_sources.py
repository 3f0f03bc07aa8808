"""Where the noise of a difference comes from, in the words of tables: of what more would help."""

TEST = "test units"
NETWORKS = "seeds of the ablations"
PROBE = "seeds of the probe"
TRAINING = "training data"
