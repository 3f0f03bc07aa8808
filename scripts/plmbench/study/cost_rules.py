"""What the jobs of each rule cost: one declaration per rule.

What stands here in seconds or megabytes was measured on the demo, a core each.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from plmbench.core.poolings import RESIDUES
from plmbench.core.weights import PRETRAINED, parse_weights
from plmbench.embed.batches import MOST_TOKENS
from plmbench.study import figures
from plmbench.study.cost_facts import Examples, Facts
from plmbench.study.cost_jobs import Job
from plmbench.study.cost_probes import LAYER_SECONDS, READ, fit_seconds, on_residues
from plmbench.study.cost_rates import GPU_SHARE
from plmbench.study.parts import num_networks, num_points
from plmbench.study.refits import count_of
from plmbench.study.resources import CHAINS, LONGEST, PASSES, STATES

FLOAT, MEGABYTE = 4, 1e6
LETTERS = 20  # the width of what networks on one-hot sequences read
SEARCH = {"families": 1.5, "relatives": 1.5, "overlap": 4.0, "fit_sequences": 4.0}  # of MMseqs2
SEARCH_PER_RESIDUE = 1e-5
SEARCH_MB = 400
READ_ROWS = 1e-7  # seconds per residue of a file that is read and checked
RESAMPLED = 1e-7  # per arm, example and resample of a comparison
SCORE_BYTES = 2500  # of a table of scores, per layer and pooling
TABLE = 1.0  # seconds of a rule that reads all tables of a study, and per 1,000 arms
DRAWN = 0.3  # seconds of a figure


class Spent(NamedTuple):
    """What a job takes beyond the start of its process."""

    seconds: float = 0.0  # of a core
    gpu_seconds: float = 0.0
    megabytes: float = 0.0
    disk: float = 0.0  # bytes that stay


class Rule(NamedTuple):
    """What the jobs of a rule cost: the stage they belong to, the kind of their process ("" for
    none), and what each takes."""

    stage: str
    start: str
    spent: Callable[[Facts, Job], Spent]


def nothing(facts: Facts, job: Job) -> Spent:
    """Return what a job takes that does next to nothing."""
    return Spent()


def read(facts: Facts, job: Job) -> Spent:
    """Return what reading the files of a data set, or of a task, takes."""
    size = facts.set_size(job)
    splits = 1 if job.split else len(facts.study.datasets[job.dataset]["splits"])
    residues = size.residues
    return Spent(splits * residues * READ_ROWS, 0, 8 * residues / MEGABYTE, 2 * residues)


def downloaded(facts: Facts, job: Job) -> Spent:
    """Return what a downloaded file takes: as many bytes as a data set has residues, or four per
    parameter of a network."""
    if job.model:
        return Spent(disk=FLOAT * facts.network(job).parameters)
    return Spent(disk=facts.set_size(job).residues)


def searched(facts: Facts, job: Job) -> Spent:
    """Return what MMseqs2 takes; nothing where the study has no use of it."""
    study, size = facts.study, facts.set_size(job)
    known = any(study.models[model].get("pretraining_fasta") for model, _ in study.runs())
    asked = known if job.rule == "overlap" else study.clustering(job.dataset)["settings"]
    if not asked or study.entries.datasets[job.dataset].wild_type:
        return Spent()
    return Spent(SEARCH[job.rule] + SEARCH_PER_RESIDUE * size.residues, megabytes=SEARCH_MB)


def network_seconds(facts: Facts, job: Job, residues: float) -> Spent:
    """Return what a network takes for so many residues, on the machine's cores or on its GPU."""
    parameters = facts.network(job).parameters
    operations = 2 * parameters * residues
    if not facts.study.has_weights(job.model):
        return Spent(residues * READ_ROWS)
    if (card := facts.machine.card) is not None:
        return Spent(gpu_seconds=operations / (card.product * GPU_SHARE))
    return Spent(facts.seconds(operations / facts.share(parameters)))


def loaded(facts: Facts, job: Job) -> float:
    """Return the seconds of a core until a checkpoint is read, and redrawn where it is ablated."""
    parameters = facts.network(job).parameters * facts.study.has_weights(job.model)
    redraw = 0.0
    if facts.study.has_weights(job.model) and job.weights != PRETRAINED:
        name = parse_weights(job.weights).ablation
        shuffled = facts.study.entries.ablations[name].action == "shuffle"
        redraw = facts.seconds(facts.rates.redraws[shuffled] * parameters)
    return FLOAT * parameters / READ + redraw


def embed_mb(facts: Facts, job: Job) -> float:
    """Return the megabytes of a job that embeds: the weights, and the states of a batch."""
    network, residues = facts.network(job), facts.tokens(job)
    tokens = min(residues / job.jobs, MOST_TOKENS["cuda" if facts.machine.card else "cpu"])
    weights = FLOAT * network.parameters * num_networks(facts.study, job.model, job.weights)
    kept = len(facts.layers_stored(job)) * (RESIDUES in facts.states(job))
    passing = 0 if facts.machine.card else STATES / 2  # those of a GPU are in its own memory
    states = FLOAT * network.hidden_size * tokens * (passing + kept)
    return (weights + states * facts.study.has_weights(job.model)) / MEGABYTE


def embed(facts: Facts, job: Job) -> Spent:
    """Return what embedding one of a data set's shards takes."""
    out, points = facts.embedded_bytes(job), 1
    if facts.study.is_part(job.weights):
        points = num_points(facts.study, job.model, job.weights)
    passed = network_seconds(facts, job, facts.tokens(job) * points)
    seconds = loaded(facts, job) + (passed.seconds + out / READ) / job.jobs
    gpu = passed.gpu_seconds / job.jobs
    return Spent(seconds, gpu, embed_mb(facts, job), out / job.jobs)


def perturb(facts: Facts, job: Job) -> Spent:
    """Return what nudging the residues of a set's chains takes: a pass of the chain for each. How
    long these are is not known: as long as allowed, and as many."""
    entry = facts.study.config["perturb"]["sets"][job.dataset]
    chains, longest = entry.get("chains", CHAINS), entry.get("longest", LONGEST)
    passes = sum(PASSES[kind] * len(entry["observe"]) for kind in entry["kinds"])
    layers = num_points(facts.study, job.model, job.weights)
    spent = network_seconds(facts, job, passes * chains * (longest / 2) ** 2)
    return spent._replace(disk=FLOAT * passes * chains * layers * (longest / 2) ** 2)


def layer_bytes(facts: Facts, job: Job) -> float:
    """Return the bytes of what a probe learns from on the widest pooling, as float32."""
    examples = facts.examples(job)
    return FLOAT * (examples.train + examples.held) * max(facts.widths(job))


def fits(facts: Facts, job: Job, examples: list[Examples], reads: int) -> Spent:
    """Return what fits on several samples of examples take, on every layer and pooling."""
    entry = facts.study.probe(job.probe, job.dataset, job.weights)
    layers, widths = len(facts.layers_fit(job)), facts.widths(job)
    seconds = sum(fit_seconds(facts, entry, each, d) for each in examples for d in widths)
    seconds += LAYER_SECONDS[job.rule] * len(examples) * len(widths)
    stored = facts.embedded_bytes(job) * layers / len(facts.layers_stored(job))
    seeds = len(entry.get("seeds", [0]))
    first = facts.examples(job)
    predictions = FLOAT * first.test * max(first.classes, 2) * layers * len(widths) * seeds
    return Spent(
        layers * seconds + reads * stored / READ,
        megabytes=2 * layer_bytes(facts, job) / MEGABYTE,
        disk=predictions + SCORE_BYTES * layers * len(widths) * seeds,
    )


def probe(facts: Facts, job: Job) -> Spent:
    """Return what probing an embedding file takes."""
    return fits(facts, job, [facts.examples(job)], reads=2)


def refit(facts: Facts, job: Job) -> Spent:
    """Return what probing it on redrawn examples takes. Its table holds no predictions."""
    count = count_of(facts.study, job.dataset, job.split)
    spent = fits(facts, job, [facts.examples(job)] * count, reads=1)
    layers = len(facts.layers_fit(job)) * len(facts.widths(job))
    return spent._replace(disk=SCORE_BYTES * layers * count)


def learning_curve(facts: Facts, job: Job) -> Spent:
    """Return what probing it on subsets of the examples takes, each drawn several times but for the
    whole. The predictions of one layer per fit are kept."""
    curve = facts.study.run.learning_curve
    if curve is None:
        return Spent()
    whole, shares = facts.examples(job), [as_number(size) for size in curve.sizes]
    subsets = [
        whole._replace(train=max(int(whole.train * share), 1))
        for share in shares
        for _ in range(1 if share == 1 else curve.draws)
    ]
    spent = fits(facts, job, subsets, reads=1)
    return spent._replace(disk=FLOAT * whole.test * max(whole.classes, 2) * len(subsets))


def as_number(text: str) -> float:
    """Return a share such as 1/16 as a number."""
    above, _, below = text.partition("/")
    return float(above) / float(below or 1)


def on_sequences(facts: Facts, job: Job) -> Spent:
    """Return what training a network on the residues of sequences takes: one on one-hot, or a probe
    of each layer."""
    size, split = facts.set_size(job), facts.split_size(job)
    share = 1.0 if facts.per_residue(job) else min(split.train / size.sequences, 1.0)
    residues, parts = int(size.residues * share), max(split.folds, 1)
    if job.rule == "fit_sequences":
        entry = facts.study.models[job.model]
        if entry["family"] == "nearest":
            return searched(facts, job)
        operations = on_residues(facts.rates, entry, residues, LETTERS, parts)
        return Spent(facts.seconds(operations), megabytes=200, disk=SCORE_BYTES + 8 * split.test)
    entry, width = facts.study.probe(job.probe, job.dataset), facts.network(job).hidden_size
    layers = len(facts.layers_fit(job))
    operations = layers * on_residues(facts.rates, entry, residues, width, parts)
    stored = facts.embedded_bytes(job) / len(facts.layers_stored(job))
    return Spent(facts.seconds(operations), 0, stored / MEGABYTE, SCORE_BYTES * layers)


def compared(facts: Facts, job: Job) -> Spent:
    """Return what comparing the arms of a task takes: resamples of the test subset."""
    arms, split = len(facts.study.arms(job.dataset)), facts.split_size(job)
    draws = facts.study.config["statistics"]["n_bootstrap"]
    examples = min(split.test, facts.set_size(job).sequences)  # residues are drawn by sequence
    return Spent(RESAMPLED * arms * examples * draws + 0.02 * arms, 0, 50, 1000 * arms)


def tabled(facts: Facts, job: Job) -> Spent:
    """Return what a table of the whole study takes."""
    arms = sum(len(facts.study.arms(task.dataset)) for task in facts.study.tasks)
    return Spent(TABLE * arms / 1000, 0, arms / 10, 500 * arms)


def drawn(facts: Facts, job: Job) -> Spent:
    """Return what all figures take."""
    number = len(figures.drawn(facts.study))
    return Spent(DRAWN * number, 0, 20, 1e5 * number)


EMBED, PROBE, TABLES = "embeddings", "probes", "tables and figures"
RULES: Mapping[str, Rule] = {
    **dict.fromkeys(
        ("fetch_weights", "fetch_folder", "fetch_dataset"), Rule("downloads", "table", downloaded)
    ),
    "unpack": Rule("downloads", "table", downloaded),
    **dict.fromkeys(("sequences", "labels"), Rule("sequences", "table", read)),
    "control_task": Rule("sequences", "table", nothing),
    **dict.fromkeys(("overlap", "families", "relatives"), Rule("sequences", "table", searched)),
    "embed": Rule(EMBED, "network", embed),
    "join": Rule(EMBED, "store", nothing),
    "chains": Rule("nudges", "table", nothing),
    "perturb": Rule("nudges", "network", perturb),
    "probe": Rule(PROBE, "probe", probe),
    "probe_residues": Rule(PROBE, "network", on_sequences),
    "fit_sequences": Rule("baselines without embeddings", "network", on_sequences),
    "refit": Rule("refits", "probe", refit),
    "learning_curve": Rule("learning curves", "probe", learning_curve),
    **dict.fromkeys(
        ("compare", "identity_bins", "worth", "compare_parts"), Rule(TABLES, "probe", compared)
    ),
    **dict.fromkeys(("scores", "summary", "datasets", "runs"), Rule(TABLES, "table", tabled)),
    **dict.fromkeys(("verdicts", "spread", "contacts"), Rule(TABLES, "probe", tabled)),
    **dict.fromkeys(
        ("overview", "distances", "page", "learning_curves", "selectivity", "parts"),
        Rule(TABLES, "table", tabled),
    ),
    "params": Rule(TABLES, "network", nothing),
    "figures": Rule(TABLES, "table", drawn),
    "all": Rule(TABLES, "", nothing),
}
