"""Embeddings and labels to scores.

needs:  results/embeddings/{dataset}/{model}/{weights}.h5, results/labels/{dataset}/{split}.tsv,
        or .control_task.tsv
makes:  results/scores/{dataset}/{split}/{model}/{weights}/{probe}.tsv
        results/predictions/{dataset}/{split}/{model}/{weights}/{probe}.h5, of the test subset
"""

# Probes that read every residue of a sequence train networks; the others load no torch.
ON_RESIDUES = [probe for probe in STUDY.probes if STUDY.reads_residues(probe)]
PROBE_ENVIRONMENT = probe_environment(STUDY)


rule probe:
    input:
        embeddings=targets.EMBEDDINGS,
        labels=targets.labels_of(STUDY),
    output:
        scores=targets.SCORES,
        predictions=targets.PREDICTIONS,
    log:
        "results/logs/probe/{dataset}/{split}/{model}/{weights}/{probe}.log",
    benchmark:
        "results/benchmarks/probe/{dataset}/{split}/{model}/{weights}/{probe}.tsv"
    wildcard_constraints:
        probe="|".join(sorted(set(STUDY.probes) - set(ON_RESIDUES))),
    conda:
        f"../envs/{PROBE_ENVIRONMENT}.yaml"
    resources:
        mem_mb=RESOURCES.probe_memory,
        runtime=RESOURCES.probe_runtime,
        gpu=RESOURCES.probe_gpus,
    params:
        probe=job_param(parameters.probe, "probe", "dataset", "weights"),
        tests=job_param(parameters.tests, "dataset", "split"),
        contents=INPUTS.contents(targets.labels_of(STUDY)),
        code=job_param(parameters.probe_code, "probe", "dataset"),
    script:
        "../scripts/probe.py"


rule probe_residues:
    input:
        embeddings=targets.EMBEDDINGS,
        labels=targets.labels_of(STUDY),
    output:
        scores=targets.SCORES,
        predictions=targets.PREDICTIONS,
    log:
        "results/logs/probe_residues/{dataset}/{split}/{model}/{weights}/{probe}.log",
    benchmark:
        "results/benchmarks/probe_residues/{dataset}/{split}/{model}/{weights}/{probe}.tsv"
    wildcard_constraints:
        probe="|".join(ON_RESIDUES) or "-",  # none
    conda:
        f"../envs/{config['compute']['environment']}.yaml"
    # The number of threads decides the order of sums, and so the last digits of a network.
    threads: 1
    resources:
        mem_mb=RESOURCES.training_memory,
        runtime=RESOURCES.training_runtime,
        gpu=1,
    params:
        probe=job_param(parameters.probe, "probe", "dataset"),
        tests=job_param(parameters.tests, "dataset", "split"),
        contents=INPUTS.contents(targets.labels_of(STUDY)),
        code=job_param(parameters.probe_code, "probe", "dataset"),
    script:
        "../scripts/probe_residues.py"
