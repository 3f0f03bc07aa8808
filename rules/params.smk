"""Models and data sets to the numbers of parameters, and of bytes that embeddings take.

needs:  results/sequences/{dataset}.tsv, {dataset}.sites.tsv, the checkpoints that are here
makes:  results/tables/{parameters,embedding_sizes}.tsv

`snakemake params` makes these and nothing else. No checkpoint is downloaded for it.
"""


rule params:
    input:
        **INPUTS.marked(sizes.inputs(STUDY, FILES)),
    output:
        parameters=shown("results/tables/parameters.tsv", "Tables"),
        sizes=shown("results/tables/embedding_sizes.tsv", "Tables"),
    log:
        "results/logs/params.log",
    conda:
        f"../envs/{config['compute']['environment']}.yaml"
    resources:
        mem_mb=RESOURCES.count_memory,
        runtime=RESOURCES.attributes_runtime,
    params:
        models=job_param(sizes.counted),
        stored=job_param(sizes.stored),
        contents=INPUTS.contents_of(sizes.checkpoints(STUDY, FILES)),
        code=job_param(sizes.code),
    script:
        "../scripts/params.py"
