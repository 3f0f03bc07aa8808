"""What a training leaves beside its checkpoints: their provenance, and their catalogue entries."""

from pathlib import Path

import yaml

from plmbench.core.canonical import canonical, selected
from plmbench.core.digests import sha256_of_file, sha256_of_texts
from plmbench.models.checkpoints import load_checkpoint
from plmbench.pretrain.corpus import read_proteins
from plmbench.pretrain.layouts import POSITIONS
from plmbench.pretrain.training import MARKS

NO_WEIGHTS = ("lm_head.weight", "inv_freq")  # tied to the token embedding; rotary frequencies
LIMITS = {"esm1b": POSITIONS - 2}  # residues: BOS and EOS take a position each


def identity_of(recipe, files, code):
    """Return a text that is equal for the same recipe, the same data and the same code."""
    return sha256_of_texts([canonical(recipe), *map(sha256_of_file, files), code])


def parameters_of(path):
    """Return how many weights a checkpoint holds, a tied tensor once."""
    data, _ = load_checkpoint(path)
    state = data.get("model_state_dict") or data["model"]
    return sum(tensor.numel() for name, tensor in state.items() if not name.endswith(NO_WEIGHTS))


def described(path):
    """Return name, digest and size of a FASTA file."""
    proteins = read_proteins(path)
    size = {"proteins": len(proteins), "residues": sum(map(len, proteins))}
    return {"file": Path(path).name, "sha256": sha256_of_file(path), **size}


def provenance_of(recipe, about, files, checkpoints, facts):
    """Return where the checkpoints {mark: path} come from.

    files: {role: FASTA}; facts: {losses: {mark: held-out loss in nats}, versions, device}.
    """
    kept = {
        mark: {
            "file": Path(path).name,
            "sha256": sha256_of_file(path),
            "pretraining": MARKS[mark],
            "held_out_loss": round(facts["losses"][mark], 4),
        }
        for mark, path in checkpoints.items()
    }
    sources = {role: described(path) for role, path in files.items()}
    rest = {"checkpoints": kept, **selected(facts, ["versions", "device"]), **about}
    return {"recipe": recipe, **sources, **rest}


def entries_of(name, recipe, about, checkpoints, losses):
    """Return the entries of config/models.yaml for the checkpoints {mark: path}."""
    size = selected(recipe["architecture"], ["num_layers", "hidden_size"])
    max_length = {"max_length": LIMITS[recipe["family"]]} if recipe["family"] in LIMITS else {}
    return {
        Path(path).stem: {
            "family": recipe["family"],
            "path": str(path),
            "sha256": sha256_of_file(path),
            **size,
            **max_length,
            "about": {
                "network": name,
                **selected(about, ["series"]),
                "parameters": parameters_of(path),
                "pretraining": MARKS[mark],
                "loss": round(losses[mark], 4),
            },
        }
        for mark, path in checkpoints.items()
    }


def write_yaml(content, path):
    """Write a mapping in its own order."""
    Path(path).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
