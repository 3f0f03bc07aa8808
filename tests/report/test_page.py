"""The page: one offline file that says what was found, and escapes what it is given."""

import re

import pandas as pd
import pytest

from helpers.pages import Page
from plmbench.compare.task_verdicts import task_verdict_table
from plmbench.compare.verdicts import verdict_table
from plmbench.core.verdicts import MEANINGS
from plmbench.report.cells import measure
from plmbench.report.figure_files import FigureFiles
from plmbench.report.page_code import scripts
from plmbench.report.subjects import of_task

HOSTILE = """<script>alert('x')</script>"><img src=x onerror=alert(1)>&{{ 7 * 7 }}"""


def without_scripts(html):
    """Return a page without the scripts that are ours; any other one stays."""
    for script in scripts():
        assert html.count(f"<script>{script.text}</script>") == 1
        html = html.replace(f"<script>{script.text}</script>", "")
    return html


def test_the_page_is_well_formed_and_has_the_parts_of_a_page(write):
    page = Page(write())
    assert (page.open, page.wrong) == ([], [])
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    contents = {v[1:] for tag, name, v in page.attributes if (tag, name) == ("a", "href")}
    assert contents <= set(ids)
    assert {"method", "verdicts", "map", "tasks", "controls", "data", "runs"} <= contents


def test_nothing_on_the_page_asks_for_another_file(write):
    html = write()
    page = Page(html)
    for tag, name, value in page.attributes:
        if name in ("href", "xlink:href", "src", "data", "action", "srcset", "poster"):
            assert value.startswith(("#", "data:image/png;base64,")), (tag, name, value)
    assert not re.findall(r"url\((?!#)|@import", html)
    assert not re.findall(r"https?://|//[a-z]+\.", without_scripts(html))
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _, _ in page.attributes}


def test_every_table_has_a_caption_and_every_figure_words(write):
    page = Page(write())
    assert all(table["caption"].strip() for table in page.tables)
    svgs = [name for tag, name, value in page.attributes if tag == "svg" and value]
    assert svgs.count("aria-label") == svgs.count("role") == 2


def test_figures_of_one_page_do_not_share_ids(write, figures):
    html = write(shown=figures)
    used = set(re.findall(r'(?:url\(#|<use xlink:href="#)([^)"]+)', html))
    assert used <= set(re.findall(r' id="([^"]+)"', html))
    assert {name.partition("-")[0] for name in used} == {"heat_map", "t0"}


def test_hostile_names_are_escaped_wherever_they_stand(study, write):
    models = {m: facts | {"title": HOSTILE} for m, facts in study.about.items()}
    tasks = [task | {"title": HOSTILE, "target": HOSTILE} for task in study.tasks]
    runs = study.runs.assign(device=[HOSTILE, *study.runs["device"][1:]])
    verdicts = study.task_verdicts.assign(published_verdict=HOSTILE, matches_published="no")
    datasets = study.datasets.assign(balance=HOSTILE)
    html = write(tasks, models, runs=runs, task_verdicts=verdicts, datasets=datasets)
    page = Page(html)
    assert not {"script", "img"} & {tag for tag, _, _ in page.attributes}
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert "<script" not in without_scripts(html)
    assert page.open == []
    assert HOSTILE in page.text("h3")  # as it was given, and no template's arithmetic
    for caption in ("Verdict", "What each split holds", "Embedding files", "Negative controls"):
        assert any(HOSTILE in cell for row in page.rows(caption) for cell in (*row, *row.values()))


def test_a_verdict_that_differs_from_the_studys_stands_out_in_words_and_weight(study, write):
    verdicts = study.task_verdicts.head(3).assign(
        verdict="unclear",
        published_verdict=["scales", "unclear", ""],
        matches_published=["no", "yes", ""],
    )
    page = Page(write(task_verdicts=verdicts))
    shown = [row["published study"] for row in page.rows("Verdict")]
    assert shown == ["**differs: scales**", "unclear", "no verdict"]
    assert "In 1 of 2 rows" in page.text("strong")


def test_verdicts_count_the_networks_that_have_them(study, write):
    for row, shown in zip(
        study.task_verdicts.to_dict("records"), Page(write()).rows("Verdict"), strict=1
    ):
        assert shown["verdict"] == f"**{row['verdict']}**"
        assert shown["no benefit"] == str(row["no_benefit"])
        assert shown["networks"] == str(row["models"])


def test_a_tasks_rows_state_values_differences_and_verdict(study, write):
    task = study.tasks[0]
    rows = Page(write()).rows(f"{task['title']}: values")
    own_rows = of_task(study.verdicts, task["dataset"], task["split"])
    assert len(rows) == len(own_rows)
    expected = own_rows[(own_rows["model"] == "esm1_85M") & (own_rows["pooling"] == "max")].iloc[0]
    shown = next(
        r for r in rows if (r["network"], r["probe"]) == ("esm1_85M", "ridge, max pooling")
    )
    assert shown["Spearman's ρ"].startswith(measure(expected["value"]))
    assert measure(expected["minus_reinit"]) in shown["minus reinit"]
    assert measure(expected["minus_reinit_high"]) in shown["minus reinit"]
    assert shown["verdict"] == f"**{expected['verdict']}**"


@pytest.mark.parametrize("index", [0, 2])
def test_a_tasks_table_states_n_and_seeds(study, write, index):
    task = study.tasks[index]
    caption = next(
        t["caption"] for t in Page(write()).tables if f"{task['title']}:" in t["caption"]
    )
    assert f"n = 3,644 test {'residues' if index == 2 else 'sequences'}" in caption
    assert "3 seeds" in caption


def controls(study, value):
    """Return differences in which `length` has this difference and interval to one network."""
    table = study.differences.copy()
    first = (table["dataset"] == "set_0") & (table["reference"] == "length")
    first &= (table["model"] == "esm1_85M") & (table["pooling"] == "mean")
    table.loc[first, ["difference", "p_holm"]] = value
    return table


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([0.1, 0.001], "behind all 4"),
        ([-0.1, 0.049], "**clearly ahead of 1 of 4: esm1_85M**"),
        ([-0.1, 0.051], "**ahead of, but not clearly, 1 of 4: esm1_85M**"),
        ([float("nan")] * 2, "undefined against 1 of 4: esm1_85M"),
    ],
)
def test_a_control_that_beats_a_network_is_flagged_in_words_and_weight(study, write, value, words):
    rows = Page(write(differences=controls(study, value))).rows("Negative controls")
    assert rows[0]["length"] == words


def test_a_control_ahead_of_every_network_is_named_once(study, write):
    length = study.differences["reference"] == "length"
    differences = study.differences.assign(p_holm=study.differences["p_holm"].mask(length, 0.0))
    differences["difference"] = differences["difference"].mask(length, -0.2)
    rows = Page(write(differences=differences)).rows("Negative controls")
    assert {row["length"] for row in rows} == {"**clearly ahead of all 4**"}


def test_a_control_ahead_stands_in_the_networks_row_by_its_title(study, write):
    verdicts = study.verdicts.assign(controls_ahead="length, onehot")
    row = Page(write(verdicts=verdicts)).rows(f"{study.tasks[0]['title']}: values")[0]
    assert row["beside it"].endswith("control ahead: length, one-hot**")


def test_what_is_better_stands_beside_the_verdict_and_each_verdict_has_a_sentence(study, write):
    verdicts = study.verdicts.assign(ahead="reinit", verdict="worse")
    page = Page(write(verdicts=verdicts))
    row = page.rows(f"{study.tasks[0]['title']}: values")[0]
    assert row["beside it"].startswith("**a random network of this shape does better")
    assert row["share of the gain due to pretraining"].startswith("0.400")
    for verdict, meaning in MEANINGS.items():
        assert verdict in page.text("dt")
        assert f"{meaning[0].upper()}{meaning[1:]}." in page.text("dd")


def test_leakage_is_stated_in_words_and_weight(study, write):
    assert "set_1/sampled: 12 test example(s) have the same sequence" in Page(write()).text(
        "strong"
    )
    clean = study.datasets.assign(leakage=0)
    page = Page(write(datasets=clean))
    assert "test example(s)" not in page.text("strong")
    assert "Nothing about these data calls for a warning" in page.text("p")


def test_versions_seeds_and_digests_are_stated(study, write):
    page = Page(write())
    assert "torch 2.13.0" in page.text("dd")
    files = page.rows("Embedding files")
    assert len(files) == len(study.runs)
    assert {row["seed"] for row in files} == {"-1", "0", "1", "2"}
    assert files[0]["checkpoint sha256"] == study.runs["checkpoint_sha256"][0][:12] + "…"


def test_an_ablation_that_does_not_bear_on_the_verdict_has_a_column_that_says_so(study, write):
    partial = study.differences[study.differences["reference"] == "reinit"]
    partial = partial.assign(reference="reinit_heads", in_verdict="no", p_holm=float("nan"))
    page = Page(write(differences=pd.concat([study.differences, partial])))
    row = page.rows(f"{study.tasks[0]['title']}: values")[0]
    shown = row["minus reinit_heads, not in the verdict"]
    assert row["minus reinit"].startswith(shown)  # the same, without its p
    assert "p " not in shown


def test_what_is_missing_is_a_dash_or_words_and_no_zero(study, write):
    missing = dict.fromkeys(("value", "layer", "size_slope", "size_slope_low"), float("nan"))
    verdicts = study.verdicts.assign(**missing, size_trend="not assessable")
    differences = study.differences[study.differences["reference"] != "resample"]
    differences = differences.assign(difference=float("nan"))
    page = Page(write(verdicts=verdicts, differences=differences))
    rows = page.rows(f"{study.tasks[0]['title']}: values")
    assert {row["Spearman's ρ"] for row in rows} == {"–\nno layer chosen"}
    assert {row["minus reinit"].split("\n")[0] for row in rows} == {"–"}
    trends = {row["does the gain rise with"].split("\n")[0] for row in rows}
    assert trends == {"size: not assessable"}


def test_a_study_without_networks_has_a_page_that_says_so(study, write):
    differences, arms = study.differences.head(0), study.arms[study.arms["ablation"] == "none"]
    verdicts = verdict_table(arms, differences, study.correlations, study.about, {})
    tables = {"verdicts": verdicts, "task_verdicts": task_verdict_table(verdicts, {})}
    page = Page(write(shown=FigureFiles({}, {}), differences=differences, **tables))
    for words in ("No pretrained network was compared", "No map was drawn", "No negative control"):
        assert words in page.text("p")


def test_the_same_tables_give_the_same_page_byte_for_byte(write):
    assert write() == write()
