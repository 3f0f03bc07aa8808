"""Where the files of data sets are: the functions that rules ask. No rules here."""

# Not a param of rules: a path bears on no result, and a study that is moved reruns nothing.
config["lock"] = located("config/weights.lock")


def download_name(dataset, split, part):
    """Return what a download is called: the data set's, or that of one split's test subset."""
    return f"{dataset}.{split}.test" if part else dataset


def downloaded(dataset, split, part):
    """Return the file that a source is downloaded to, or the user's copy of it."""
    download = STUDY.source(dataset, split, part)["download"]
    if "path" in download:
        return located(download["path"])
    return f"results/downloads/{download_name(dataset, split, part)}.download"


def file_of(dataset, split, name):
    """Return where a file of a split is: path, sequences or mask, perhaps after `test.`."""
    part, _, role = name.rpartition(".")
    source = STUDY.source(dataset, split, part)
    if not source.get("download"):
        return located(source[role])
    if role not in source:  # the download is the table itself
        return downloaded(dataset, split, part)
    return f"results/downloads/{dataset}/{split}.{name}"


def split_of_file(wildcards):
    return wildcards.dataset, wildcards.split, wildcards.file.rpartition(".")[0]


def archive_of(wildcards):
    return downloaded(*split_of_file(wildcards))


def member_of(wildcards):
    return STUDY.source(*split_of_file(wildcards))[wildcards.file.rpartition(".")[2]]


def download_of(wildcards):
    dataset, *split = wildcards.download.split(".")
    splits = STUDY.datasets[dataset]["splits"]
    split = split[0] if split else next(iter(splits))
    part = "test" if "." in wildcards.download else ""
    source = STUDY.source(dataset, split, part)["download"]
    return canonical(selected(source, ["url", "mirrors", "sha256", "git_sha1"]))


def files_of(dataset, split):
    return [file_of(dataset, split, name) for name in STUDY.files(dataset, split)]


def files_of_split(wildcards):
    return files_of(wildcards.dataset, wildcards.split)


def files_of_dataset(wildcards):
    splits = used_splits(wildcards.dataset)
    return [file for split in splits for file in files_of(wildcards.dataset, split)]


def used_splits(dataset):
    """Return the splits whose sequences are embedded: those of the tasks, and those that need no
    download, so that to add one of these as a task embeds nothing anew."""
    tasks = {task.split for task in STUDY.tasks if task.dataset == dataset}
    return [
        split
        for split in STUDY.datasets[dataset]["splits"]
        if split in tasks or STUDY.at_hand(dataset, split)
    ]


def wild_type_of(wildcards):
    entry = STUDY.datasets[wildcards.dataset]
    return {"wild_type": located(entry["wild_type"])} if "wild_type" in entry else {}


def slice_of(wildcards):
    return STUDY.datasets[wildcards.dataset].get("slice")


def given_files():
    """Yield where in the catalogues a file of the user is named, and that file."""
    for dataset in datasets():
        entry = STUDY.datasets[dataset]
        for split in used_splits(dataset):
            for name in STUDY.files(dataset, split):
                source = STUDY.source(dataset, split, name.rpartition(".")[0])
                if not source.get("download"):
                    where = f"config/datasets.yaml: {dataset}: splits: {split}: {name}"
                    yield where, file_of(dataset, split, name)
        if "wild_type" in entry:
            where = f"config/datasets.yaml: {dataset}: wild_type"
            yield where, located(entry["wild_type"])
    for model in dict.fromkeys(model for model, _ in STUDY.runs()):
        if "path" in STUDY.models[model]:
            where = f"config/models.yaml: {model}: path"
            yield where, located(STUDY.models[model]["path"])


# Snakemake would take the results of an earlier run for current. What is under results, a rule makes.
for where, file in given_files():
    if not (file.startswith("results/") or Path(file).exists()):
        raise WorkflowError(f"{where}: there is no file {file}")
