"""What a training leaves beside its checkpoints: their provenance, and their catalogue entries."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from plmbench.core.canonical import selected
from plmbench.core.digests import sha256_of_file
from plmbench.models.checkpoints import load_checkpoint
from plmbench.models.hub_folders import read_weights
from plmbench.pretrain.corpus import read_proteins
from plmbench.pretrain.layouts import POSITIONS
from plmbench.pretrain.recipes import MARKS, Outcome, Recipe

# Tied to the token embedding; rotary frequencies; zeros that BART keeps beside its weights.
NO_WEIGHTS = ("lm_head.weight", "inv_freq", "final_logits_bias")
MAX_LENGTHS = {"esm1b": POSITIONS - 2}  # residues: BOS and EOS take one position each


def parameters_of(path: Path | str) -> int:
    """Return how many weights a checkpoint holds; a tied tensor counts once."""
    if Path(path).is_dir():
        state = read_weights(Path(path)).state
    else:
        data, _ = load_checkpoint(path)
        state = data.get("model_state_dict") or data["model"]
    return sum(tensor.numel() for name, tensor in state.items() if not name.endswith(NO_WEIGHTS))


def digest_of(path: Path | str) -> str:
    """Return the sha256 of a checkpoint, which for a folder is that of all that bears on states."""
    return read_weights(Path(path)).digest if Path(path).is_dir() else sha256_of_file(path)


def facts_of(path: Path | str) -> dict[str, Any]:
    """Return name, digest and size of a FASTA file."""
    proteins = read_proteins(path)
    size = {"proteins": len(proteins), "residues": sum(map(len, proteins))}
    return {"file": Path(path).name, "sha256": sha256_of_file(path), **size}


def provenance_of(
    recipe: Recipe,
    about: Mapping[str, str],
    files: Mapping[str, Path | str],
    checkpoints: Mapping[str, Path | str],
    outcome: Outcome,
) -> dict[str, Any]:
    """Return where the checkpoints {mark: path} come from; files: {role: FASTA}."""
    kept = {
        mark: {
            "file": Path(path).name,
            "sha256": digest_of(path),
            "pretraining": MARKS[mark],
            "held_out_loss": round(outcome.losses[mark], 4),
        }
        for mark, path in checkpoints.items()
    }
    return {
        "recipe": asdict(recipe),
        **{role: facts_of(path) for role, path in files.items()},
        "checkpoints": kept,
        "versions": outcome.versions,
        "device": outcome.device,
        **about,
    }


def entries_of(
    name: str,
    recipe: Recipe,
    about: Mapping[str, str],
    checkpoints: Mapping[str, Path | str],
    losses: Mapping[str, float],
) -> dict[str, Any]:
    """Return the entries of config/models.yaml for the checkpoints {mark: path}."""
    longest = recipe.architecture.get("positions", MAX_LENGTHS.get(recipe.family))
    max_length = {"max_length": longest} if longest else {}
    seed = {"pretraining_seed": recipe.seed} if recipe.seed else {}
    return {
        Path(path).stem: {
            "family": recipe.family,
            "path": str(path),
            "sha256": digest_of(path),
            **selected(recipe.architecture, ["num_layers", "hidden_size"]),
            **max_length,
            "about": {
                "network": about.get("network", name),
                **seed,
                **selected(about, ["series"]),
                "parameters": parameters_of(path),
                "pretraining": MARKS[mark],
                "loss": round(losses[mark], 4),
            },
        }
        for mark, path in checkpoints.items()
    }


def write_yaml(content: Mapping[str, Any], path: Path | str) -> None:
    """Write a mapping in its own order."""
    Path(path).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
