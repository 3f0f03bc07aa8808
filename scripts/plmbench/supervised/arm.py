"""One arm that has predictions but no embedding: a method on the sequences of a task.

Its scores and predictions have the form of a probe's, so that comparisons, tables and figures take
it as they take any baseline. It has one layer, 0.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plmbench.core.direct import NO_POOLING
from plmbench.core.logs import log
from plmbench.probe.layerwise import Probe, probe_from, score_layer
from plmbench.probe.places import Places
from plmbench.probe.predictions import new_predictions
from plmbench.probe.problems import Labels, problems_of, tests_of
from plmbench.probe.scores import Row
from plmbench.supervised.methods import method as method_named
from plmbench.supervised.sequences import Sequences


def method_of(*, task_type: str, method: str, **settings: Any) -> Probe:
    """Return a method as a Probe, from a catalogue's entry."""
    return probe_from(method_named(method), task_type, settings)


def score_sequences(
    sequences: Sequences,
    labels: Labels,
    output: Path | str,
    probe: Probe,
    task: str = "this task",
) -> Iterator[Row]:
    """Yield a score row for every seed, subset and metric of a method on the sequences of a task,
    and write its predictions on test to the HDF5 file `output`.

    What is learned from and chosen on is as for probes, and the test subset is read once.
    """
    problems = problems_of(sequences, labels, probe, task)
    with new_predictions(output, tests_of(problems)) as write:
        for problem in problems:
            fits = probe.fits(problem.target, source=sequences)
            rows, predictions = score_layer(Places(), problem, fits)
            yield from ({"pooling": NO_POOLING, "layer": 0, **row} for row in rows)
            write(NO_POOLING, 0, predictions)
            log.info("%s: %d seed(s) fit", probe.type.name, len(fits))
