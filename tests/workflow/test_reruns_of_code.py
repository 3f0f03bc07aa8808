"""Edited code reruns what it touches, and nothing else: an edit and a dry run."""

import ast
import os

import pytest

from helpers.marks import mostly_slow
from helpers.reruns import ALL, COMPARED, EMBEDDED, FIGURES, TABLES, VERDICTS, embedded, values
from helpers.studies import counts_of

pytestmark = pytest.mark.runs

LIBRARY = "scripts/plmbench"
METRICS = f"{LIBRARY}/core/metrics.py"


@pytest.mark.parametrize("path", ["scripts/embed.py", METRICS, "rules/embed.smk", "config"])
def test_touching_code_or_configuration_reruns_nothing(study, path):
    os.utime(study.root / path)
    assert study.jobs() == []


def test_a_comment_and_a_reworded_docstring_rerun_nothing(study):
    text = study.read(METRICS)
    docstring = ast.get_docstring(ast.parse(text), clean=False)
    study.write(METRICS, text.replace(docstring, "Other words.") + "# A comment.\n")
    assert "Other words." in study.read(METRICS)
    assert study.jobs() == []


def test_an_edited_metric_reruns_every_probe_and_no_embedding(study):
    study.append(METRICS, "UNUSED = 1\n")
    assert study.counts() == {"probe": ALL, **TABLES}


@pytest.mark.parametrize(
    ("module", "counts"),
    mostly_slow(
        [
            ("report/page", {"page": 1}),
            ("report/overview", {"overview": 1}),
            ("report/bars", FIGURES),
            ("report/curves", FIGURES),
            ("report/heat_map", FIGURES),
            ("compare/verdicts", VERDICTS),
            ("compare/bootstrap", COMPARED),
            ("compare/differences", COMPARED),
            ("compare/correlations", COMPARED),
            ("compare/networks", VERDICTS),
            ("report/networks", FIGURES),
        ],
        fast=("report/bars", "compare/verdicts", "compare/bootstrap"),
    ),
)
def test_edited_code_of_what_is_shown_refits_no_probe_and_embeds_nothing(study, module, counts):
    study.append(f"{LIBRARY}/{module}.py", "UNUSED = 1\n")
    assert study.counts() == counts


def test_an_edited_template_rewrites_the_page_alone(study):
    study.append("resources/report/page.html.jinja", "<!-- another page -->\n")
    assert study.counts() == {"page": 1}


@pytest.mark.parametrize("module", ["probe/selection", "probe/examples", "probe/predictions"])
def test_edited_code_of_probes_reruns_every_probe_and_no_embedding(study, module):
    study.append(f"{LIBRARY}/{module}.py", "UNUSED = 1\n")
    assert study.counts() == {"probe": ALL, **TABLES}


def test_edited_code_of_downloads_reruns_nothing_where_all_is_at_hand(study):
    study.append(f"{LIBRARY}/data/downloads.py", "UNUSED = 1\n")
    assert study.jobs() == []


def test_edited_embedding_code_reruns_every_embedding_and_no_label(study):
    study.append(f"{LIBRARY}/core/poolings.py", "UNUSED = 1\n")
    assert study.counts() == {**embedded(7), "probe": ALL, **EMBEDDED}


def test_an_edited_log_message_reruns_nothing(study):
    study.append(f"{LIBRARY}/core/logs.py", "UNUSED = 1\n")
    study.append(f"{LIBRARY}/core/errors.py", "UNUSED = 1\n")
    assert study.jobs() == []


def test_edited_code_of_one_family_embeds_its_networks_alone(study):
    study.append(f"{LIBRARY}/models/carp.py", "UNUSED = 1\n")
    jobs = study.jobs()
    assert counts_of(jobs) == {**embedded(3), "probe": 14, **EMBEDDED}
    assert values(jobs, "embed", "model") == {"tiny_carp"}


def test_edited_code_of_another_probe_type_refits_nothing(study):
    study.append(f"{LIBRARY}/probe/types/mlp.py", "UNUSED = 1\n")
    assert study.jobs() == []
