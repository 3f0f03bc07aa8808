"""YAML with anything in it: a study that answers every question of the rules, or a sentence that
names the file."""

import shutil

import pytest
import yaml
from hypothesis import strategies as st

from helpers.configurations import CONFIG
from helpers.fuzzing import COUNTS, answer, cut_short, for_all, spoiled, texts
from plmbench.core.canonical import canonical
from plmbench.core.errors import InputError
from plmbench.study.catalogues import Study
from plmbench.study.entries import CATALOGUES, as_dicts, checked
from plmbench.study.yaml_files import MOST, read_yaml

NAMES = ("config", *CATALOGUES)
LONGEST = 2000  # letters of a line of a message, whatever the file holds
HUGE = (10**400, -(10**400), 2**63, 1e308, float("inf"), float("-inf"), float("nan"), 3.0, 0, -1)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(HUGE) | texts(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts(), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a copy of config/ to spoil, one file at a time."""
    return shutil.copytree(CONFIG, tmp_path_factory.mktemp("catalogues") / "config")


def places(value, *keys):
    """Yield the keys that lead to each value within a value."""
    yield keys
    listed = dict(enumerate(value)) if isinstance(value, list) else value
    for key, inner in listed.items() if isinstance(listed, dict) else ():
        yield from places(inner, *keys, key)


def replaced(value, keys, other):
    """Return a copy of a value in which the one at the end of `keys` is another."""
    if not keys:
        return other
    first, *rest = keys
    if isinstance(value, list):
        return [replaced(v, rest, other) if i == first else v for i, v in enumerate(value)]
    return {k: replaced(v, rest, other) if k == first else v for k, v in value.items()}


def extended(value, keys, key, other):
    """Return a copy of a value in which the mapping at the end of `keys` has one more key."""
    inner = value
    for step in keys:
        inner = inner[step]
    grown = inner | {key: other} if isinstance(inner, dict) else other
    return replaced(value, keys, grown)


def changes(content):
    """Return a strategy of copies of a file's content with a value, or a key, that is odd."""
    where = st.sampled_from(list(places(content)))
    other = st.builds(replaced, st.just(content), where, VALUES)
    return other | st.builds(extended, st.just(content), where, texts(), VALUES)


def check_refusal(refusal, *names):
    """Check that a refusal names one of the files, line by line, in words that can be read."""
    lines = refusal.split("\nconfig")
    assert all(len(line) < LONGEST for line in lines)
    assert any(name in refusal for name in names), refusal


def read(value, name, where):
    """Return what a file's content comes to, as rules read it."""
    found = checked(value, name, where)
    return found.as_dict() if name == "config" else as_dicts(found)


def ask_all(study):
    """Ask a study what the rules ask."""
    for task in study.tasks:
        for part in study.files(*task):
            study.source(*task, part.rpartition(".")[0])
        canonical([study.reading(*task), study.at_hand(*task), study.metric(task.dataset)])
        for model, weights, probe in study.arms(task.dataset):
            if study.is_direct(model):
                canonical(study.method(model, task.dataset))
                continue
            canonical([study.probe(probe, task.dataset), study.storage(task.dataset, model)])
            canonical([study.network(model), study.ablation(model, weights)])


@COUNTS
def test_any_value_in_place_of_any_other_is_a_valid_study_or_refused(count, folder):
    contents = {name: read_yaml(CONFIG / f"{name}.yaml") for name in NAMES}

    def check(case):
        name, content = case
        spoilt = contents | {name: content}
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True))
        config = spoilt["config"] if isinstance(spoilt["config"], dict) else {}
        try:
            study, refusal = answer(Study, config, folder)
        finally:
            shutil.copy(CONFIG / f"{name}.yaml", folder)
        if refusal:
            check_refusal(refusal, "config: ", *(f"{n}.yaml" for n in NAMES))
        else:
            ask_all(study)

    cases = st.one_of(*(st.tuples(st.just(n), changes(contents[n])) for n in NAMES))
    for_all(count // 3, cases, check)  # a case takes 0.1 s


@COUNTS
@pytest.mark.parametrize("name", NAMES)
def test_what_a_model_lets_through_is_plain_and_finite(count, name):
    content = read_yaml(CONFIG / f"{name}.yaml")

    def check(value):
        found, refusal = answer(read, value, name, "the file")
        if refusal:
            check_refusal(refusal, "the file")
        else:
            text = canonical(found)
            assert not {"NaN", "Infinity", r"\u0000"} & set(text.split('"'))
            assert text.encode()

    for_all(count // 2, changes(content), check)


@COUNTS
def test_spoiled_text_is_a_file_or_refused(count, tmp_path):
    path = tmp_path / "probes.yaml"
    content = (CONFIG / "probes.yaml").read_bytes()[:600]

    def check(spoilt):
        path.write_bytes(spoilt)
        found, refusal = answer(read_yaml, path)
        if refusal:
            check_refusal(refusal, str(path))
        else:
            answer(checked, found, "probes", str(path))

    for_all(count, spoiled(content) | cut_short(content) | texts(60).map(str.encode), check)


MISREAD = ("2020-13-45", "!!bool x", "!!int x", "!!float x", "!!timestamp x", "0x_", "9" * 5000)
REFUSED = (
    "2020-01-01",
    "!!binary aGk=",
    "!!python/object/apply:os.mkdir [canary]",
    "!!python/name:os.system",
    r'"a\0b"',
    r'"\ud800"',
    "[" * 3000,
    "{1: 2}",
)


@pytest.mark.parametrize("text", MISREAD + REFUSED, ids=lambda text: text[:12])
def test_what_is_no_plain_value_is_refused_and_nothing_is_built(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "models.yaml"
    path.write_text(f"onehot: {{family: onehot, about: {{title: {text}}}}}\n")
    with pytest.raises(InputError) as caught:
        checked(read_yaml(path), "models", str(path))
    check_refusal(str(caught.value), str(path))
    assert [p.name for p in tmp_path.iterdir()] == ["models.yaml"]


@pytest.mark.parametrize(
    "text",
    [
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12)),
        "a: &a {b: *a}\n",
        "a: &a [*a, *a]\n",
    ],
    ids=["laughs", "endless mapping", "endless list"],
)
def test_aliases_without_end_are_refused_at_once(text, tmp_path):
    path = tmp_path / "models.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=f"more than {MOST:,} values"):
        checked(read_yaml(path), "models", str(path))


@pytest.mark.parametrize("name", ["datasets", "models", "probes", "ablations"])
@pytest.mark.parametrize("odd", ["a\n", "../x", "a/b", "a b", "$(touch canary)", "", "{a}", "é"])
def test_a_name_that_would_be_a_part_of_paths_has_plain_letters(name, odd):
    content = read_yaml(CONFIG / f"{name}.yaml")
    entry = next(iter(content.values()))
    with pytest.raises(InputError, match="does not match"):
        checked({odd: entry}, name, name)


@pytest.mark.parametrize("task", ["gb1\n", "gb1/sampled\n", "../gb1", "gb1/..", "gb1/../x"])
def test_a_task_of_odd_letters_is_refused(task):
    with pytest.raises(InputError, match="config: tasks"):
        Study(read_yaml(CONFIG / "config.yaml") | {"tasks": [task]}, CONFIG)


ODD = ([], {}, [[]], {"a": []}, "", "<own>", 0, False)  # of each type, some no key of a mapping


def one_of_each_shape(name):
    """Yield (content, keys): a place in a file's content, of those with one shape the first alone.

    The name of an entry and the index in a list make no new shape; the content is that of the
    place's entry alone.
    """
    content, seen = read_yaml(CONFIG / f"{name}.yaml"), set()
    for keys in places(content):
        entry = content[keys[0]] if keys else {}
        form = [entry.get(key) for key in ("family", "format", "type") if isinstance(entry, dict)]
        steps = ["#" if isinstance(key, int) else key for key in keys[name != "config" :]]
        if str([form, steps]) not in seen:
            seen.add(str([form, steps]))
            yield ({keys[0]: entry} if keys and name != "config" else content), keys


@pytest.mark.parametrize("name", NAMES)
def test_an_odd_value_at_any_key_is_read_or_refused_in_a_sentence(name):
    for content, keys in one_of_each_shape(name):
        for value in ODD:
            _, refusal = answer(read, replaced(content, keys, value), name, "the file")
            if refusal:
                check_refusal(refusal, "the file")
