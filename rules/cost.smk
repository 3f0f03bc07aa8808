"""Configuration to what the study costs. Nothing of `rule all` asks for it: `snakemake cost`.

needs:  the files of data sets, as far as they are there; benchmarks/results
makes:  results/cost.tsv, and the same as text in the terminal
"""


# No output, so that it is asked anew each time: the machine and the files may be others.
rule cost:
    log:
        "results/logs/cost.log",
    localrule: True
    conda:
        f"../envs/{config['compute']['environment']}.yaml"
    params:
        config=job_param(lambda study: study.config),
        configfiles=workflow.configfiles,
        root=str(ROOT),
        table="results/cost.tsv",
        code=job_param(lambda study: code_of("cost.py")),  # read when it is asked for
    script:
        "../scripts/cost.py"
