"""Chains and a checkpoint to responses: what a nudge of one residue does to every other.

needs:  results/sequences/{dataset}.tsv, or files of config/contacts.yaml; the model's checkpoint
makes:  results/chains/{dataset}.tsv, {dataset}.contacts.tsv
        results/responses/{dataset}/{model}/{weights}.h5
        results/tables/{spread,spread_differences,influence,profile,response_map}.tsv
        results/tables/{contacts,contact_differences,contact_map}.tsv
        results/figures/nudges.{spread,profile,response_map,contact_map}.svg

Nothing is made where the configuration has no `perturb`.
"""

NUDGED = "|".join(perturbations.sets(STUDY)) or "none"
NOISY, KNOWN = perturbations.noise_sets(STUDY), perturbations.contact_sets(STUDY)
OF_NOISE, OF_KNOWN = (perturbations.responses(STUDY, names) for names in (NOISY, KNOWN))


rule chains:
    input:
        unpack(INPUTS.chains),
    output:
        chains=perturbations.CHAINS,
        contacts=perturbations.LABELS,
    log:
        "results/logs/chains/{dataset}.log",
    wildcard_constraints:
        dataset=NUDGED,
    conda:
        "../envs/inputs.yaml"
    resources:
        mem_mb=RESOURCES.table_memory,
        runtime=RESOURCES.table_runtime,
    params:
        choice=job_param(perturbations.choice, "dataset"),
        contents=INPUTS.contents(INPUTS.chains),
        code=code_of("chains.py"),
    script:
        "../scripts/chains.py"


rule perturb:
    input:
        unpack(INPUTS.checkpoint),
        chains=perturbations.CHAINS,
    output:
        responses=perturbations.RESPONSES,
    log:
        "results/logs/perturb/{dataset}/{model}/{weights}.log",
    benchmark:
        "results/benchmarks/perturb/{dataset}/{model}/{weights}.tsv"
    wildcard_constraints:
        dataset=NUDGED,
    conda:
        f"../envs/{config['compute']['environment']}.yaml"
    resources:
        mem_mb=RESOURCES.perturb_memory,
        runtime=RESOURCES.perturb_runtime,
        gpu=1,
    params:
        network=job_param(parameters.network, "model"),
        ablation=job_param(parameters.ablation, "model", "weights"),
        storage=job_param(perturbations.storage, "dataset"),
        nudging=job_param(perturbations.nudging, "dataset"),
        contents=INPUTS.contents(INPUTS.checkpoint),
        downloaded=lambda wildcards: downloaded.is_downloaded(STUDY, wildcards.model),
        code=job_param(perturbations.code, "model"),
    script:
        "../scripts/perturb.py"


rule spread:
    input:
        responses=OF_NOISE,
        chains=perturbations.of_sets(perturbations.CHAINS, NOISY),
    output:
        spread=shown("results/tables/spread.tsv", "Tables"),
        spread_differences="results/tables/spread_differences.tsv",
        influence="results/tables/influence.tsv",
        profile="results/tables/profile.tsv",
        response_map="results/tables/response_map.tsv",
    log:
        "results/logs/spread.log",
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=RESOURCES.attributes_memory,
        runtime=RESOURCES.attributes_runtime,
    params:
        statistics=job_param(perturbations.statistics),
        shown=job_param(perturbations.shown),
        contents=INPUTS.contents_of(OF_NOISE),
        code=code_of("spread.py"),
    script:
        "../scripts/spread.py"


rule contacts:
    input:
        responses=OF_KNOWN,
        chains=perturbations.of_sets(perturbations.CHAINS, KNOWN),
        contacts=perturbations.of_sets(perturbations.LABELS, KNOWN),
    output:
        contacts=shown("results/tables/contacts.tsv", "Tables"),
        contact_differences="results/tables/contact_differences.tsv",
        contact_map="results/tables/contact_map.tsv",
    log:
        "results/logs/contacts.log",
    conda:
        "../envs/probe.yaml"
    resources:
        mem_mb=RESOURCES.attributes_memory,
        runtime=RESOURCES.attributes_runtime,
    params:
        sets=job_param(perturbations.contact_sets),
        statistics=job_param(perturbations.statistics),
        shown=job_param(perturbations.shown),
        contents=INPUTS.contents_of(OF_KNOWN),
        code=code_of("contacts.py"),
    script:
        "../scripts/contacts.py"
