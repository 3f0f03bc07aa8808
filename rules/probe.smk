"""Embeddings and labels to scores.

needs:  results/embeddings/{dataset}/{model}/{weights}.h5, results/labels/{dataset}/{split}.tsv
makes:  results/scores/{dataset}/{split}/{model}/{weights}/{probe}.tsv
        results/predictions/{dataset}/{split}/{model}/{weights}/{probe}.h5, of the test subset
"""

from snakemake.exceptions import IncompleteCheckpointException

from plmbench.probe.types import probe_types
from plmbench.study.resources import probe_job_mb, probe_minutes

# scripts/probe.py imports a probe's type by its name: changing one type refits no other.
PROBE_CODE = {
    name: code_of("probe.py", modules=[f"plmbench.probe.types.{name}"])
    for name in probe_types()
}


def probe_code(wildcards):
    """Return the digest of a job's code."""
    probe = parameters.probe(STUDY, wildcards.probe, wildcards.dataset)
    return PROBE_CODE[probe["probe_type"]]


def bytes_probed(wildcards, input):
    """Return the bytes that a probe reads: a joined file is little more than a list of its shards.

    As long as the joined file is missing Snakemake asks again.
    """
    try:
        shards = shards_of(wildcards.dataset)
    except IncompleteCheckpointException:
        return bytes_of([input.embeddings])
    names = {key: wildcards[key] for key in ("dataset", "model", "weights")}
    files = expand(SHARD, shard=shards, **names)
    return bytes_of([input.embeddings, *filter(os.path.exists, files)])


def probe_memory(wildcards, input, attempt):
    names = wildcards.probe, wildcards.dataset, wildcards.model
    megabytes = probe_job_mb(STUDY, *names, bytes_probed(wildcards, input))
    return at_attempt(megabytes, attempt)


def probe_runtime(wildcards, input, attempt):
    return at_attempt(probe_minutes(bytes_probed(wildcards, input)), attempt)


rule probe:
    input:
        embeddings=targets.EMBEDDINGS,
        labels="results/labels/{dataset}/{split}.tsv",
    output:
        scores=targets.SCORES,
        predictions=targets.PREDICTIONS,
    log:
        "results/logs/probe/{dataset}/{split}/{model}/{weights}/{probe}.log",
    benchmark:
        "results/benchmarks/probe/{dataset}/{split}/{model}/{weights}/{probe}.tsv"
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=probe_memory,
        runtime=probe_runtime,
    params:
        probe=job_param(parameters.probe, "probe", "dataset"),
        code=probe_code,
    script:
        "../scripts/probe.py"
