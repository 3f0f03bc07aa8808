"""What every rule, rule file and entry script has, read from their text."""

import ast
import re
import tokenize

import pytest

from helpers.studies import ROOT, shipped

FUNCTIONS = ("common.smk",)  # what rules ask
PROGRAMS = ("collect_proteins", "convert_esm2")  # scripts that people call, and no rule
TARGETS = ("pretrain", "embeddings")  # rules that only name what is to be made
RULE_FILES = sorted((ROOT / "rules").glob("*.smk"))
SCRIPTS = sorted(p for p in (ROOT / "scripts").glob("*.py") if p.stem not in PROGRAMS)
LIBRARY = sorted((ROOT / "scripts/plmbench").rglob("*.py"))
LAYOUT = (
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
)


RULE = re.compile(
    r"^(?:rule|checkpoint|use rule (?P<base>\w+) as) (?P<name>\w+)(?: with)?:\n"
    r"(?P<body>(?:(?: .*)?\n)*)",
    re.M,
)
DIRECTIVE = re.compile(r"^(?: {4}#.*\n)* {4}(\w+):.*(?:\n {8}.*)*", re.M)
LONGEST = 30  # lines of a rule: those of `page`, which has ten inputs


def rules():
    """Return {rule: its lines} of all rule files. A rule that uses another has that one's
    directives, too."""
    found = {}
    for path in RULE_FILES:
        for match in RULE.finditer(path.read_text(encoding="utf-8")):
            own = {part[1]: part[0] for part in DIRECTIVE.finditer(match["body"])}
            found[match["name"]] = found.get(match["base"], {}) | own
    return {
        name: [name, *"\n".join(parts.values()).splitlines()]
        for name, parts in found.items()
        if name not in TARGETS
    }


RULES = rules()


def lines_of_code(path):
    """Return how many lines hold code: neither comment, docstring nor nothing."""
    docstring = ast.parse(path.read_text(encoding="utf-8")).body[0]
    with path.open("rb") as file:
        tokens = [t for t in tokenize.tokenize(file.readline) if t.type not in LAYOUT]
    lines = {line for t in tokens for line in range(t.start[0], t.end[0] + 1)}
    return len(lines - set(range(docstring.lineno, docstring.end_lineno + 1)))


def value_of(rule, directive):
    """Return the line that follows a directive of a rule."""
    lines = RULES[rule]
    return lines[lines.index(f"    {directive}:") + 1].strip().rstrip(",")


def test_every_rule_has_the_entry_script_of_its_name_and_every_script_a_rule():
    assert sorted(path.stem for path in SCRIPTS) == sorted(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_runs_its_script_with_log_environment_and_digest_of_its_code(rule):
    assert value_of(rule, "script") == f'"../scripts/{rule}.py"'
    assert value_of(rule, "log").startswith(f'"results/logs/{rule}')
    assert re.fullmatch(r'f?"\.\./envs/.+\.yaml"', value_of(rule, "conda"))
    # A download that was verified stays, whatever becomes of the code that fetched it.
    tracked = any(re.match(r" {8}code=(code_of|job_param)\(", line) for line in RULES[rule])
    assert tracked != rule.startswith("fetch_")


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_whose_inputs_the_configuration_decides_has_their_contents_as_a_param(rule):
    """Profiles have no trigger that compares the names of inputs: it would compare paths."""
    text = "\n".join(RULES[rule]) + "\n"
    inputs = "".join(re.findall(r"^ {4}input:\n((?: {8}.*\n)+)", text, re.M))
    decided = re.search(r"INPUTS\.|FILES\.|(?:targets|figures)\.[a-z]|TEMPLATE|OF_[A-Z]", inputs)
    assert bool(decided) == ("        contents=INPUTS.contents" in text)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_fits_on_a_screen(rule):
    assert len(RULES[rule]) <= LONGEST


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.name)
def test_a_file_of_rules_opens_with_what_it_needs_and_makes(path):
    docstring = ast.literal_eval(re.match(r'""".*?"""', path.read_text("utf-8"), re.S)[0])
    if path.name not in FUNCTIONS:
        assert re.search(r"^needs:  \S", docstring, re.M)
        assert re.search(r"^makes:  \S", docstring, re.M)
    assert ("\nrule " in path.read_text("utf-8")) == (path.name not in FUNCTIONS)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_an_entry_script_has_at_most_25_lines_of_code(path):
    assert lines_of_code(path) <= 25


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_importing_an_entry_script_runs_nothing(path):
    *body, last = ast.parse(path.read_text(encoding="utf-8")).body
    assert ast.unparse(last) == "if 'snakemake' in globals():\n    run(main, snakemake)"
    kinds = (ast.Expr, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.Assign)
    assert all(isinstance(statement, kinds) for statement in body)
    for statement in body:
        if isinstance(statement, ast.Assign):
            assert all(target.id.isupper() for target in statement.targets)
            ast.literal_eval(statement.value)  # a constant
    assert [type(statement) for statement in body].count(ast.Expr) == 1  # the docstring


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_the_library_does_not_know_snakemake(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom):
            names.append(node.module)
    assert not [name for name in names if name.split(".")[0] == "snakemake"]


def test_no_file_of_rules_or_script_is_longer_than_300_lines():
    paths = [*RULE_FILES, *SCRIPTS, *LIBRARY, *(ROOT / "tests").rglob("*.py")]
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in paths}
    assert not {name: length for name, length in lengths.items() if length > 300}


def test_snakemake_finds_nothing_to_lint(tmp_path):
    output = shipped(tmp_path).run("--lint")
    assert "Congratulations, your workflow is in a good condition!" in output
