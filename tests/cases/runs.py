"""Cases about runs: what moves, changes or is asked for, and what is then computed."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from cases.case import config_arguments, message_of, new_clone
from helpers.studies import Study, counts_of, jobs_in

LETTERS = "ACDEFGHIKLMNPQRSTVWY"
SMALL = {"tasks": "[gb1_small/low_vs_high]", "probes": "[ridge]", "pooling": "[flat, mean, sites]"}
MINE = {"tasks": "[mine]", "probes": "[ridge]"}
PYTHONS = ("python3.11", "python3.12", "python3.13")
PRINT_DIGESTS = """
import sys
sys.path.insert(0, "scripts")
from plmbench.study.code import code_of
print(code_of("embed.py", ["plmbench.models.esm"]), code_of("sequences.py"), code_of("probe.py"))
"""


def apart(study, folder, *arguments):
    """Return the Study of a clone with its results in a folder of their own."""
    return Study(
        folder, *study.arguments, "--directory", str(folder), *arguments, start_in=study.root
    )


def add_mine(study, task_type, path, **settings):
    """Add the data set `mine`, one table, to a clone's catalogue."""
    entry = {"task_type": task_type, "splits": {"all": {"path": str(path)}}, **settings}
    study.append("config/datasets.yaml", "\n" + yaml.safe_dump({"mine": entry}))


def of_mine(room, task_type, path, config, **settings):
    """Return the study of a table in a clone of its own, and how Snakemake ended on it."""
    study = new_clone(room / Path(path).stem / "clone")
    add_mine(study, task_type, path, **settings)
    ended = study.snakemake(
        "results/tables/task_verdicts.tsv", "results/tables/overview.md", *config_arguments(config)
    )
    return study, *ended


def planned(study, *arguments):
    """Return {rule: jobs} of what a run would do."""
    return counts_of(jobs_in(study.run("--dry-run", *arguments)))


def moved_study(room, given):
    """A study, or its clone, that moves has nothing to do again."""
    clone, arguments = new_clone(room / "clone"), config_arguments(SMALL)
    apart(clone, room / "study").run(*arguments)
    assert planned(apart(clone, room / "study"), *arguments) == {}
    (room / "deep").mkdir()
    shutil.copytree(room / "study", room / "deep/er", symlinks=True, copy_function=shutil.copy2)
    assert planned(apart(clone, room / "deep/er"), *arguments) == {}
    (room / "link").symlink_to(clone.root)
    linked = apart(clone, room / "study", "-s", str(room / "link/Snakefile"))
    assert planned(linked, *arguments) == {}
    shutil.copytree(clone.root, room / "renamed", symlinks=True, copy_function=shutil.copy2)
    assert planned(apart(Study(room / "renamed"), room / "study"), *arguments) == {}


def write_random(path, rows=300, note=4000, seed=0):
    """Write a table of random sequences and targets, with a long note to make it large."""
    draw = random.Random(seed)
    lines = ["sequence,target,set,note"]
    for i in range(rows):
        sequence = "".join(draw.choices(LETTERS, k=20))
        subset = "train" if i % 3 else "test"
        lines.append(f"{sequence},{draw.random():.4f},{subset},{'x' * note}")
    path.write_text("\n".join(lines) + "\n")


def touched_large_file(room, given):
    """A file above Snakemake's limit for checksums that is touched reruns nothing."""
    study = new_clone(room / "clone")
    weights = study.root / "resources/weights/mini_carp_600k"
    shutil.copytree(weights, room / "weights")
    weights.parent.unlink() if weights.parent.is_symlink() else shutil.rmtree(weights.parent)
    shutil.copytree(Path(__file__).parents[2] / "resources/weights", weights.parent)
    write_random(room / "big.csv")
    add_mine(study, "regression", room / "big.csv")
    config = {**MINE, "models": "[onehot, mini_carp_600k]", "weights": "[pretrained]"}
    study.run(*config_arguments(config))
    for file in (room / "big.csv", weights / "mini_carp_600k.pt"):
        assert file.stat().st_size > 1_000_000
        os.utime(file)
        assert planned(study, *config_arguments(config)) == {}, file


def older_file_replaced(room, given):
    """Another content under the same name is computed anew, whatever its date."""
    study, table = new_clone(room / "clone"), room / "mine.csv"
    write_random(table, note=0, seed=1)
    os.utime(table, (1.78e9, 1.78e9))
    add_mine(study, "regression", table)
    study.run(*config_arguments(MINE))
    before = study.table("verdicts")
    write_random(table, note=0, seed=2)
    os.utime(table, (1.76e9, 1.76e9))
    study.run(*config_arguments(MINE))
    assert study.table("verdicts") != before


def runs(python):
    """Tell whether an interpreter of this name is there, and is no stand-in that says it is not."""
    return shutil.which(python) and not subprocess.run([python, "-c", ""], check=False).returncode


def python_version(room, given):
    """Every version of Python gives code the same digests."""
    root = Path(__file__).parents[2]
    digests = {
        python: subprocess.run(
            [python, "-c", PRINT_DIGESTS], cwd=root, check=True, capture_output=True, text=True
        ).stdout
        for python in (sys.executable, *filter(runs, PYTHONS))
    }
    assert len(set(digests.values())) == 1, digests


def until_embed(room, given):
    """Embeddings alone can be asked for; `--until embed` makes them or says why not."""
    clone = new_clone(room / "clone")
    study = apart(clone, room / "study")
    study.run("embeddings", *config_arguments(SMALL))
    assert len(list(study.root.glob("results/embeddings/*/*/*.h5"))) == 3
    other = apart(clone, room / "other")
    _, output = other.snakemake("--until", "embed", *config_arguments(SMALL))
    made = list(other.root.glob("results/embeddings/*/*/*/*.h5"))
    assert len(made) == 3 or "snakemake embeddings" in output, output


def brace_in_clone_path(room, given):
    """A path that Snakemake cannot have is named in one sentence."""
    for name in ("cl{one}", "cl}"):
        study = new_clone(room / name)
        message = message_of(study.fail("-n", *config_arguments(SMALL)))
        assert re.search(r"[{}].*brace", message), message
        assert "Traceback" not in message


def no_benefit_of_few(room, given):
    """Two to five test sequences exclude no gain."""
    cases = (("acc2", "classification"), ("acc3", "classification"), ("t5", "regression"))
    config = {
        **{"tasks": "[mine]", "weights": "[pretrained, reinit-0, reinit-1, reinit-2]"},
        "statistics": "{n_bootstrap: 1000}",
    }
    for name, task_type in cases:
        study, code, output = of_mine(room, task_type, given / f"{name}.csv", config)
        assert code == 0, output
        assert "no benefit" not in {row["verdict"] for row in study.table("verdicts")}, name


def one_class_in_train(room, given):
    """Every probe refuses to learn from one class, in the same words."""
    messages = set()
    for probe in ("logistic_small", "ridge_classes", "mlp_small"):
        config = {"tasks": "[mine]", "probes": f"[{probe}]"}
        path = room / f"{probe}.csv"
        shutil.copy(given / "onetrain.csv", path)
        _, code, output = of_mine(room, "classification", path, config)
        assert code != 0, probe
        messages.add(message_of(output).replace(probe, ""))
    assert len(messages) == 1, messages
    assert "train" in messages.pop()


def probe_also_control(room, given):
    """A name in both lists is refused; what cannot be compared says so."""
    study = new_clone(room / "clone")
    both = config_arguments({**SMALL, "controls": "[ridge]"})
    message = message_of(study.fail(*both))
    assert re.search(r"ridge.*probes.*controls|controls.*ridge.*probes", message, re.S), message
    alone = {**SMALL, "models": "[mini_carp_100k]", "weights": "[pretrained]"}
    study.run("results/tables/overview.md", *config_arguments(alone))
    text = study.read("results/tables/overview.md")
    assert "No pretrained network ran" not in text
    assert "othing to compare with" in text


def target_offset(room, given):
    """The same target, 1e6 and 1e7 higher, gives the same correlation."""
    values = {}
    for name in ("plain", "o6", "o7"):
        study, code, output = of_mine(room, "regression", given / f"{name}.csv", MINE)
        assert code == 0, output
        values[name] = [round(float(row["value"]), 3) for row in study.table("verdicts")]
    assert values["o6"] == values["o7"] == values["plain"], values


def undefined_resamples(room, given):
    """A metric that some resamples leave undefined has an interval, or says why not."""
    rare = {"tasks": "[mine]", "probes": "[logistic_small]", "statistics": "{n_bootstrap: 1000}"}
    zeros = {**rare, "probes": "[ridge]"}
    cases = (
        ("rare", "classification", rare, {"metric": "roc_auc"}),
        ("zeros", "regression", zeros, {}),
    )
    for name, task_type, config, settings in cases:
        study, code, output = of_mine(room, task_type, given / f"{name}.csv", config, **settings)
        assert code == 0, output
        for row in study.table("arms"):
            assert row["low"] or row["reason"], row


def module_use(room, given):
    """The workflow is a module of another one, with a prefix, and with another configuration."""
    clone = new_clone(room / "clone")
    config = {**SMALL, "weights": "[pretrained]", "models": "[onehot, mini_carp_100k]"}
    config = {key: yaml.safe_load(value) for key, value in config.items()}
    module = f'module plm:\n    snakefile: "{clone.root}/Snakefile"\n'
    forms = {
        "prefixed": f"{module}    config: {json.dumps(config)}\nuse rule * from plm as plm_*\n"
        'rule mine:\n    default_target: True\n    input: "results/tables/task_verdicts.tsv"\n',
        "plain": f"{module}use rule * from plm\n",
        "included": f'include: "{clone.root}/Snakefile"\n',
    }
    for name, text in forms.items():
        (room / name).mkdir()
        (room / name / "Snakefile").write_text(text)
        # Snakemake takes no default target from a file that is included.
        target = ["all"] if name == "included" else []
        jobs = counts_of(jobs_in(Study(room / name).run("--dry-run", *target)))
        assert sum(jobs.values()) > 5, (name, jobs)


RUNS = {
    function.__name__: function
    for function in (
        *(moved_study, touched_large_file, older_file_replaced, python_version, until_embed),
        *(brace_in_clone_path, no_benefit_of_few, one_class_in_train, probe_also_control),
        *(target_offset, undefined_resamples, module_use),
    )
}
