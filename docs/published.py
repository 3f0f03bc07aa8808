"""The table of docs/models.md that counts the parameters of the systems of the study's seeds."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd
import yaml

from plmbench.models.parameter_table import TOTAL, counted
from plmbench.report.overview import markdown
from plmbench.study.families import encoder, table

ROOT = Path(__file__).resolve().parents[1]
ACTIONS = {"reinit": "reinit", "resample": "shuffle"}
EMBEDDINGS = ("token_embedding", "position", "token_type", "projection")


class System(NamedTuple):
    """A system that the seeds describe: its entry of models.yaml, and which of its sizes."""

    name: str
    entry: str


SYSTEMS = (
    System("ESM-1", "esm1_t34_670M_UR50S"),
    System("ESM-1b", "esm1b_t33_650M_UR50S"),
    System("ESM-2", "esm2_t33_650M_UR50D"),
    System("ESM-2, by transformers", "esm2_650M_hub"),
    System("CARP", "carp_640M"),
    System("BERT", "bert_base_chinese"),
    System("BERT of proteins", "prot_bert"),
    System("ALBERT", "albert_base_v2"),
    System("T5, encoder", "t5_small"),
    System("BART, encoder", "bart_base"),
    System("GPT-2", "gpt2_text"),
    System("ViT", "vit_base_patch16_224"),
    System("CLIP, images", "clip_vit_base_patch32_images"),
    System("CLIP, texts", "clip_vit_base_patch32_texts"),
)

COMMANDS = {  # by what a network reads
    "protein": "`snakemake --cores 2 --config 'models=[onehot, {}]'`",
    "image": "`snakemake --cores 2 --config 'tasks=[digits]' 'models=[pixels_8, {}]'`",
    "text": "a table of your own: [images and texts](images.md)",
}


def catalogue():
    """Return the entries of models.yaml."""
    return yaml.safe_load((ROOT / "config/models.yaml").read_text(encoding="utf-8"))


def rows_of(name, entry):
    """Return the counted rows of an entry, without its weights."""
    rows = [row.settings() for row in table(entry["family"])]
    ablations = {n: {"action": a, "parameters": rows} for n, a in ACTIONS.items()}
    facts = {"encoder": encoder(entry["family"]), "ablations": ablations}
    return pd.DataFrame(counted(name, entry | facts, None).rows)


def system_row(system, entry):
    """Return the row of one system."""
    rows = rows_of(system.entry, entry)
    total, parts = rows.iloc[-1], rows[rows["role"] != TOTAL]
    inside = parts[parts["block"].notna()]
    embeddings = parts[parts["role"].isin(EMBEDDINGS)]["parameters"].sum()
    blocks = f"{inside['block'].nunique()} x {entry['hidden_size']}"
    if (times := int(inside["times_applied"].max())) > 1:
        blocks += f", applied {times} times"
    return {
        "system": system.name,
        "entry": f"`{system.entry}`",
        "parameters": f"{total['parameters']:,}",
        "embeddings": f"{embeddings:,}",
        "blocks": blocks,
        "in blocks": f"{inside['parameters'].sum():,}",
        "redrawn by reinit": f"{total['share_reinit']:.1%}".replace("%", " %"),
        "GB in float32": f"{total['bytes_float32'] / 1e9:.2f}",
        "runs here": COMMANDS[entry.get("modality", "protein")].format(system.entry),
    }


def systems():
    """Return the table of the seeds' systems that have an entry, in the order of SYSTEMS."""
    entries = catalogue()
    known = [system for system in SYSTEMS if system.entry in entries]
    return markdown(pd.DataFrame([system_row(s, entries[s.entry]) for s in known]))
