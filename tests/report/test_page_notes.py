"""The page says why there is no verdict, no interval, or no row."""

from helpers.pages import Page
from plmbench.compare.task_verdicts import task_verdict_table
from plmbench.report.figure_files import FigureFiles


def test_a_page_without_verdicts_says_what_is_needed_to_have_one(study, write):
    none = {name: getattr(study, name).head(0) for name in ("verdicts", "task_verdicts")}
    page = Page(write(shown=FigureFiles({}, {}), differences=study.differences.head(0), **none))
    assert "Nothing to compare with: a verdict needs a network" in page.text("p")
    alone = study.runs[study.runs["ablation"] == "none"]
    page = Page(write(shown=FigureFiles({}, {}), runs=alone, **none))
    assert "No pretrained network ran." in page.text("p")


def test_a_task_of_too_few_sequences_says_so_with_the_number_needed(study, write):
    few, key = "2 test units are too few: an interval needs 20", "set_0"
    own = study.verdicts["dataset"] == key
    verdicts = study.verdicts.assign(verdict=study.verdicts["verdict"].mask(own, "too few"))
    verdicts["reason"] = verdicts["reason"].mask(own, "2 test unit(s); a verdict needs 50")
    verdicts = verdicts.assign(units=verdicts["units"].mask(own, 2), units_needed=50)
    own = study.differences["dataset"] == key
    differences = study.differences.assign(reason=study.differences["reason"].mask(own, few))
    counted = task_verdict_table(verdicts, {})
    html = write(verdicts=verdicts, differences=differences, task_verdicts=counted)
    page = Page(html)
    assert page.rows("Verdict")[0]["verdict"] == "**too few (needs 50)**"
    assert page.rows("Verdict")[0]["too few"] == str(counted["too_few"][0])
    notes = page.text("li")
    assert "too few: 2 test unit(s); a verdict needs 50." in notes
    assert few in notes
    rows = page.rows(f"{study.tasks[0]['title']}: values")
    assert {row["verdict"] for row in rows} == {"**too few (needs 50)**"}
    assert "intervals" in page.text("p")
    assert "at least 20 test units" in page.text("p").replace("\n", " ")
