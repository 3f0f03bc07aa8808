"""How much memory and time a job asks a scheduler for, from what is known when it is submitted.

Megabytes and minutes, both the more the more often a job was tried. They bear on no result and
cause no rerun. A number below is measured where its comment says so; the others are guesses on the
safe side, and a job that outgrows them is tried again with more.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from plmbench.core.examples import CHANNELS
from plmbench.core.layers import chosen_layers
from plmbench.core.modalities import IMAGE
from plmbench.core.poolings import AVERAGED
from plmbench.core.weights import PRETRAINED
from plmbench.embed.batches import MOST_TOKENS
from plmbench.study.catalogues import Study
from plmbench.study.parts import num_networks, num_points

MEGABYTE = 10**6
FLOAT = 4  # bytes
LETTERS = 20
PATCHES = 14**2  # of an image, where nothing says: 224 x 224 pixels, 16 x 16 each

LEAST_MB = 500  # no job asks for less
# Two Snakemakes around a job hold 140 MB each, Python with torch 270, with pandas 130 (measured).
BASE_MB = 1000
CUDA_MB = 3000  # what a CUDA context and its libraries take of the host's memory
# The weights, and as much again to be safe: they are in memory once, and an ablation draws tensor
# after tensor. The 5.2 GB of a 651M ESM-2 were measured when they were there twice.
COPIES = 2
# States [token, hidden_size] of a batch that a layer holds at once on a CPU; 36 to 45 measured.
STATES = 50

START_SECONDS = 600  # both Snakemakes, imports, a busy file system
WEIGHT_BYTES_PER_SECOND = 20e6  # a checkpoint read, hashed and redrawn; 24e6 measured
# Floating-point operations a second, a multiply-add counting two: a thread of a CPU, of which at
# least 31e9 were measured (benchmarks/results), or a GPU, a quarter of what a T4 could, unmeasured.
FLOPS = {"cpu": 10e9, "cuda": 2e12}
RESIDUES_PER_SECOND = 20e3  # no network is faster, however small; 51e3 measured

PASSES = {"noise": 2, "erase": 1, "substitute": 20}  # of a chain, for each of its residues
CHAINS, LONGEST = 50, 300  # of a set that does not say

# Of a layer, from which on `probe_device: auto` takes a GPU: 10,000 x 1,280. A guess: no GPU has
# told from where on it is faster.
GPU_LAYER_BYTES = 50e6
LAYER_COPIES = 3  # what a probe learns from, and twice as much beside it (measured)
PROBE_SECONDS_PER_MEGABYTE = 0.5  # of an embedding file; at most 0.1 measured
SEARCH_MB = 1000  # MMseqs2's table of words; 410 to 500 measured
SEARCH_SECONDS_PER_MEGABYTE = 120  # of sequences searched; 3 to 12 a job measured, most of it fixed
TABLE_COPIES = 10  # a table in memory against its file
TABLE_SECONDS_PER_MEGABYTE = 10
SECONDS_PER_FILE = 1  # whose attributes are read; those of 1,000 joined shards took 1.4
TRAIN_MB, TRAIN_MINUTES = 4000, 24 * 60  # the largest recipe takes an hour of a quiet core


class Network(NamedTuple):
    """The size of a network: parameters, blocks, and the width of a layer."""

    parameters: int
    num_layers: int
    hidden_size: int


def network_size(entry: Mapping[str, Any]) -> Network:
    """Return the Network of an entry of config/models.yaml.

    Parameters that it does not tell are those of its blocks as a transformer has them; a
    representation without weights is as wide as the alphabet, or as the colours of a pixel, unless
    it says so.
    """
    layers = entry.get("num_layers", 0)
    known = entry.get("hidden_size") or entry.get("architecture", {}).get("hidden_size")
    hidden_size = known or (CHANNELS if "side" in entry else LETTERS)
    blocks = 12 * layers * hidden_size**2
    return Network(entry.get("about", {}).get("parameters", blocks), layers, hidden_size)


def tells_size(entry: Mapping[str, Any]) -> bool:
    """Tell whether an entry of config/models.yaml says how deep and wide its network is."""
    return "num_layers" in entry and "hidden_size" in {**entry.get("architecture", {}), **entry}


def tokens_seen(study: Study, dataset: str, model: str, examples: int, tokens: int) -> int:
    """Return how many tokens a model makes of examples that have so many by their own size: of
    images a network makes as many patches as its entry's config says, for it scales them."""
    entry = study.models[model]
    if study.modality(dataset) != IMAGE or not study.has_weights(model):
        return tokens
    sides = [entry.get("config", {}).get(key) for key in ("image_size", "patch_size")]
    known = all(isinstance(side, int) and side > 0 for side in sides)
    return examples * (max(sides[0] // sides[1], 1) ** 2 if known else PATCHES)


def embed_mb(network: Network, device: str, kept: int, tokens: str | int = "auto") -> int:
    """Return the megabytes of a job that embeds: weights twice, and a batch.

    network: its Network; device: `cpu` or `cuda`; kept: how many layers' states of each token are
    stored, 0 where they are only averaged; tokens: in a batch, `auto` or a number.
    """
    state = FLOAT * network.hidden_size * (MOST_TOKENS[device] if tokens == "auto" else int(tokens))
    # A GPU's own memory is not asked for; a batch waits there for the next one's to arrive.
    batch = {"cpu": STATES + 2 * kept, "cuda": 3 * kept}
    weights = FLOAT * network.parameters * COPIES
    base = {"cpu": BASE_MB, "cuda": BASE_MB + CUDA_MB}
    return base[device] + math.ceil((weights + batch[device] * state) / MEGABYTE)


def count_mb(study: Study) -> int:
    """Return the megabytes of a job that counts parameters: it reads the checkpoints that are here,
    one after the other."""
    here = [study.models[model] for model, _ in study.runs() if "path" in study.models[model]]
    return max((embed_mb(network_size(e), "cpu", 0, 0) for e in here), default=BASE_MB)


def embed_minutes(network: Network, device: str, threads: int, residues: int) -> int:
    """Return the minutes of a job that embeds so many residues."""
    flops = FLOPS[device] * (threads if device == "cpu" else 1)
    each = max(2 * network.parameters / flops, 1 / RESIDUES_PER_SECOND)
    loading = FLOAT * network.parameters / WEIGHT_BYTES_PER_SECOND
    return math.ceil((START_SECONDS + loading + residues * each) / 60)


def probe_mb(size: int, layers: int, most: float) -> int:
    """Return the megabytes of a job that probes an embedding file of `size` bytes.

    layers: how many the file holds; most: the most bytes of a layer that a probe learns from.
    """
    layer = min(2 * size / layers, most)  # twice: a file of float16 is read as float32
    return BASE_MB + math.ceil(LAYER_COPIES * layer / MEGABYTE)


def probe_minutes(size: int, fits: int = 1) -> int:
    """Return the minutes of a job that probes every layer of a file of `size` bytes, so often."""
    seconds = START_SECONDS + fits * PROBE_SECONDS_PER_MEGABYTE * size / MEGABYTE
    return math.ceil(seconds / 60)


def curve_minutes(study: Study, size: int) -> int:
    """Return the minutes of a job that fits the learning curves of every layer of a file of `size`
    bytes: at most as many full fits as there are subsets."""
    curve = study.run.learning_curve
    subsets = len(curve.sizes) * curve.draws if curve else 1
    return probe_minutes(size * subsets)


def table_mb(size: int) -> int:
    """Return the megabytes of a job that reads tables of `size` bytes in all."""
    return BASE_MB + math.ceil(TABLE_COPIES * size / MEGABYTE)


def table_minutes(size: int) -> int:
    """Return the minutes of a job that reads tables of `size` bytes in all."""
    return math.ceil((START_SECONDS + TABLE_SECONDS_PER_MEGABYTE * size / MEGABYTE) / 60)


def search_mb(size: int) -> int:
    """Return the megabytes of a job that searches among sequences of `size` bytes in all."""
    return table_mb(size) + SEARCH_MB


def search_minutes(size: int) -> int:
    """Return the minutes of a job that searches among sequences of `size` bytes in all."""
    return math.ceil((START_SECONDS + SEARCH_SECONDS_PER_MEGABYTE * size / MEGABYTE) / 60)


def attributes_minutes(files: int) -> int:
    """Return the minutes of a job that reads the attributes of so many embedding files."""
    return math.ceil((START_SECONDS + SECONDS_PER_FILE * files) / 60)


def at_attempt(amount: int, attempt: int) -> int:
    """Return what is asked for at the first, second, ... attempt; the first is 1."""
    return amount * attempt


def device_of(study: Study) -> str:
    """Return what the resources of `embed` are for: a job that may choose will have a GPU."""
    return "cpu" if study.config["compute"]["device"] == "cpu" else "cuda"


def probe_gpus(study: Study, layer_bytes: Callable[[], float]) -> int:
    """Return how many GPUs a job that fits probes asks for; layer_bytes: of a layer of its file,
    asked for where it matters."""
    asked = study.config["compute"]["probe_device"]
    if asked == "auto":
        return int(device_of(study) == "cuda" and layer_bytes() >= GPU_LAYER_BYTES)
    return int(asked == "cuda")


def probe_environment(study: Study) -> str:
    """Return the name of the environment that fits probes: that of networks where it may need
    torch."""
    compute = study.config["compute"]
    return "probe" if compute["probe_device"] == "cpu" else compute["environment"]


def layers_kept(study: Study, dataset: str, model: str, weights: str = PRETRAINED) -> int:
    """Return how many layers an embedding file holds."""
    layers = num_points(study, model, weights)
    if study.is_part(weights):
        return layers
    return len(chosen_layers(study.storage(dataset, model)["layers"], layers))


def embed_job_mb(study: Study, dataset: str, model: str, weights: str = PRETRAINED) -> int:
    """Return the megabytes of a job that embeds a shard of a data set with a model. A sweep over
    parts has several networks, and states between their blocks, for as many points as it has."""
    poolings = study.storage(dataset, model)["poolings"]
    averaged = set(poolings) <= set(AVERAGED)
    kept = 0 if averaged else layers_kept(study, dataset, model, weights)
    kept += num_points(study, model, weights) * study.is_part(weights)
    size = network_size(study.models[model])
    size = size._replace(parameters=size.parameters * num_networks(study, model, weights))
    tokens = study.config["compute"]["tokens_per_batch"]
    return embed_mb(size, device_of(study), kept, tokens)


def embed_job_minutes(
    study: Study, model: str, threads: int, residues: int, weights: str = PRETRAINED
) -> int:
    """Return the minutes of a job that embeds so many residues with a model; at every point of a
    sweep over parts."""
    points = num_points(study, model, weights) if study.is_part(weights) else 1
    size = network_size(study.models[model])
    return embed_minutes(size, device_of(study), threads, residues * points)


def perturb_minutes(study: Study, dataset: str, model: str, threads: int) -> int:
    """Return the minutes of a job that nudges the residues of a set's chains. How long these are is
    not known yet: as long as allowed, and as many."""
    entry = study.config["perturb"]["sets"][dataset]
    chains, longest = entry.get("chains", CHAINS), entry.get("longest", LONGEST)
    passes = sum(PASSES[kind] * len(entry["observe"]) for kind in entry["kinds"])
    return embed_job_minutes(study, model, threads, passes * chains * longest**2)


def probe_job_mb(
    study: Study,
    probe: str,
    dataset: str,
    model: str,
    size: int,
    weights: str = PRETRAINED,
    fits: int = 1,
) -> int:
    """Return the megabytes of a job that probes embedding files of `size` bytes; fits: how many
    draws of examples it holds at once."""
    entry, most = study.probe(probe, dataset), math.inf
    if entry["task_type"] == "residue_classification":
        # As many residues to choose on as to learn from.
        width = network_size(study.models[model]).hidden_size
        most = fits * 2 * entry["max_residues"] * width * FLOAT
    cuda = CUDA_MB * (study.config["compute"]["probe_device"] != "cpu")
    return probe_mb(size, layers_kept(study, dataset, model, weights), most) + cuda


def curve_job_mb(study: Study, probe: str, dataset: str, model: str, size: int) -> int:
    """Return the megabytes of a job that fits learning curves on embedding files of `size` bytes:
    those of a probe, and the test subset of a layer, which is kept for all sizes and draws."""
    layer = 2 * size / layers_kept(study, dataset, model)
    return probe_job_mb(study, probe, dataset, model, size) + math.ceil(layer / MEGABYTE)
