"""Sequences to families of homologues.

needs:  results/sequences/{dataset}.tsv, {dataset}.sites.tsv
makes:  results/families/{dataset}.tsv, the family of each sequence; of variants the mutations
        results/families/{dataset}.facts.tsv, by which program, how many
"""


rule families:
    input:
        sequences="results/sequences/{dataset}.tsv",
        sites="results/sequences/{dataset}.sites.tsv",
    output:
        families="results/families/{dataset}.tsv",
        facts="results/families/{dataset}.facts.tsv",
    log:
        "results/logs/families/{dataset}.log",
    conda:
        "../envs/inputs.yaml"
    # One thread, so that a run is the same anywhere.
    threads: 1
    resources:
        mem_mb=RESOURCES.search_memory,
        runtime=RESOURCES.search_runtime,
    params:
        families=job_param(parameters.families, "dataset"),
        code=code_of("families.py"),
    script:
        "../scripts/families.py"
