from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

min_version("9.0")

if not workflow.current_basedir.is_local:
    raise WorkflowError(
        f"{workflow.current_basedir}: this file needs the folders beside it; "
        "let the module read workflow/Snakefile, which fetches them"
    )

if set("{}") & set(str(workflow.current_basedir)):
    raise WorkflowError(
        f"{workflow.current_basedir}: Snakemake takes what stands in braces for a wildcard; "
        "rename this folder, so that its path has no brace"
    )


configfile: f"{workflow.current_basedir}/config/config.yaml"


report: "resources/report/workflow.rst"


include: "rules/common.smk"
include: "rules/inputs.smk"
include: "rules/sequences.smk"
include: "rules/families.smk"
include: "rules/embed.smk"
include: "rules/perturb.smk"
include: "rules/probe.smk"
include: "rules/refit.smk"
include: "rules/learning_curve.smk"
include: "rules/baselines.smk"
include: "rules/compare.smk"
include: "rules/tables.smk"
include: "rules/params.smk"
include: "rules/parts.smk"
include: "rules/report.smk"
include: "rules/pretrain.smk"
include: "rules/cost.smk"


rule all:
    default_target: True
    input:
        "results/tables/overview.md",
        "results/tables/scores.tsv",
        "results/tables/summary.tsv",
        "results/tables/datasets.tsv",
        "results/tables/identity_bins.tsv",
        "results/tables/pretraining_overlap.tsv",
        "results/tables/runs.tsv",
        "results/tables/verdicts.tsv",
        "results/tables/task_verdicts.tsv",
        targets.selectivity(STUDY),
        "results/study.html",
        targets.learning_curves(STUDY),
        targets.part_tables(STUDY),
        perturbations.tables(STUDY),
