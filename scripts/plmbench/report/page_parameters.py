"""What the page says of the networks themselves: parameters, bytes, what their weights may be used
for."""

from collections.abc import Mapping

import pandas as pd

from plmbench.core.facts import Models
from plmbench.core.licences import licence_sentences
from plmbench.report.cells import DASH, Cell, Table, count
from plmbench.report.subjects import title_of

TOTAL = "total"  # the role of a network's last row
ROLES = {  # columns of the page, and the roles that they sum up
    "embeddings": ("token_embedding", "position", "token_type"),
    "attention and convolutions": ("attention", "conv", "relative_position"),
    "mlp": ("mlp",),
}


def percent(share: float) -> str:
    """Return a share in per cent; DASH where it is not known."""
    return DASH if pd.isna(share) else f"{100 * share:.1f} %"


def megabytes(size: float) -> str:
    """Return bytes in megabytes; DASH where they are not known."""
    return DASH if pd.isna(size) else f"{size / 1e6:,.1f}"


def of_roles(rows: pd.DataFrame, roles: tuple[str, ...]) -> str:
    """Return how many parameters have one of these roles, by the names that they begin with."""
    chosen = rows[rows["role"].str.split(".").str[0].isin(roles)]
    return count(chosen["parameters"].sum()) if len(rows) else DASH


def parameter_cells(rows: pd.DataFrame, models: Models) -> list[Cell]:
    """Return the cells of one network."""
    total = rows[rows["role"] == TOTAL].iloc[0]
    parts = rows[rows["role"] != TOTAL]
    blocks = parts[parts["block"].notna()]
    times = blocks["times_applied"].max() if len(blocks) else float("nan")
    return [
        Cell(title_of(total["model"], models)),
        Cell(count(total["parameters"])),
        *(Cell(of_roles(parts, roles)) for roles in ROLES.values()),
        Cell(count(blocks["block"].nunique()) if len(blocks) else DASH),
        Cell(count(times)),
        Cell(percent(total["share_reinit"])),
        Cell(percent(total["share_resample"])),
        Cell(megabytes(total["bytes_float32"])),
        Cell(total["source"]),
    ]


def parameters_table(table: pd.DataFrame, models: Models) -> Table | None:
    """Return one row per network with weights; None where there is none."""
    groups = [rows for _, rows in table.groupby("model", sort=False)]
    networks = [rows for rows in groups if rows["source"].iloc[0] != "no parameters"]
    if not networks:
        return None
    columns = ["network", "parameters", *ROLES, "blocks", "times applied", "redrawn by reinit"]
    columns += ["moved by resample", "MB in float32", "counted from"]
    caption = "Parameters of each network, tied ones once"
    return Table(caption, columns, [parameter_cells(rows, models) for rows in networks])


def sizes_table(sizes: pd.DataFrame, models: Models) -> Table:
    """Return the megabytes of embeddings, one row per model and one column per data set."""
    datasets = list(dict.fromkeys(sizes["dataset"]))
    rows = []
    for model, own in sizes.groupby("model", sort=False):
        size = own.set_index("dataset")["bytes"]
        cells = [Cell(megabytes(size.get(dataset, float("nan")))) for dataset in datasets]
        rows.append([Cell(title_of(str(model), models)), *cells, Cell(megabytes(size.sum()))])
    caption = "Megabytes of embeddings, all sets of weights together"
    return Table(caption, ["model", *datasets, "all"], rows)


def parameters_section(
    tables: Mapping[str, pd.DataFrame], models: Models
) -> dict[str, object] | None:
    """Return what the page shows of networks themselves; None where nothing embeds."""
    if "parameters" not in tables:
        return None
    return {
        "table": parameters_table(tables["parameters"], models),
        "sizes": sizes_table(tables["embedding_sizes"], models),
        "licences": licence_sentences(models),
    }
