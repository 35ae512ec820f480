"""Claims: estimates that are paired, verdicts that can come out either way, and every file of conf/claim."""

import re
import shlex
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hydra import compose, initialize_config_module

from restock.experiments import claim_runs
from restock.experiments.claim_file import claim_names, question_of
from restock.experiments.claim_page import against_table
from restock.experiments.claims import answer, read_claim
from restock.experiments.cli import main
from restock.experiments.settings import register, settings_of
from restock.sim.errors import InputError
from restock.sim.statistics import paired_difference
from restock.sim.statistics.estimates import estimated, known, where
from restock.sim.study.claims import FAILS, HOLDS, OPEN, WORDS, Check, Figures, judge, verdict

CONF = Path(__file__).parents[2] / "conf"
CLAIMS = sorted(path.stem for path in (CONF / "claim").glob("*.yaml"))
SMALL = ["replications=2", "days=28", "warm_up=0"]


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["restock"])
    monkeypatch.setattr(sys, "path", list(sys.path))


# ---------------------------------------------------------------------------------------------------- estimates


def two_ratios():
    draws = np.random.default_rng(3)
    y, other_y = draws.uniform(5, 9, 40), draws.uniform(5, 9, 40)
    return y - draws.uniform(0, 1, 40), y, other_y - draws.uniform(0, 2, 40), other_y


def test_a_difference_of_estimates_is_the_paired_difference():
    x, y, other_x, other_y = two_ratios()
    by_hand = paired_difference(x, other_x, y, other_y)
    found = (estimated(x, y) - estimated(other_x, other_y)).interval()
    assert found.estimate == pytest.approx(by_hand.difference)
    assert found.half_width == pytest.approx(by_hand.half_width)


def test_influences_of_a_quotient_and_of_an_interpolation_are_what_leaving_one_out_does():
    x, y, other_x, other_y = two_ratios()

    def of(kept):
        a, b = estimated(x[kept], y[kept]), estimated(other_x[kept], other_y[kept])
        return a / b, where([a, b], 0.9, [estimated(3 * x[kept]), estimated(other_x[kept])])

    everything = np.arange(40)
    left_out = [of(np.delete(everything, r)) for r in everything]
    for k, whole in enumerate(of(everything)):
        moved = np.array([whole.value - each[k].value for each in left_out])
        np.testing.assert_allclose(whole.influence / 39, moved, atol=0.1 * np.abs(moved).max())


def test_coverage_of_the_figure_at_equal_service():
    """The interval of an interpolated figure holds the truth in about 95 of 100 studies."""
    draws, hits = np.random.default_rng(5), 0
    for _ in range(400):
        noise = draws.normal(size=(30, 2, 2))
        service = [estimated(level + 0.02 * noise[:, k, 0]) for k, level in enumerate((0.90, 0.98))]
        stock = [estimated(level + 4 * noise[:, k, 0] + 9 * noise[:, k, 1]) for k, level in enumerate((100, 180))]
        found = where(service, 0.95, stock)
        assert found is not None
        hits += float(found.interval().low) <= 150 <= float(found.interval().high)
    assert 0.92 <= hits / 400 <= 0.98


def test_where_finds_nothing_outside_the_range():
    assert where([known(0.9), known(0.95)], 0.97, [known(1), known(2)]) is None
    assert known(3).interval().half_width == 0
    assert np.isnan((known(3) / known(0)).value)


# ----------------------------------------------------------------------------------------------------- verdicts


def figures(**arms):
    """Figures of arms: a mean for each x, noise common to all arms, and a little of their own."""
    draws = np.random.default_rng(1)
    common = draws.normal(size=20)
    xs = tuple(range(len(next(iter(arms.values()))))) if isinstance(next(iter(arms.values())), list) else (None,)
    made = {}
    for label, means in arms.items():
        for x, mean in zip(xs, means if isinstance(means, list) else [means], strict=True):
            own = draws.normal(size=20)
            made[label, x] = estimated(mean + common + 0.1 * (own - own.mean()) - common.mean())
    return Figures(tuple(arms), xs, lambda measure, label, x: made.get((label, x)))


def word(check, **arms):
    return judge([check], figures(**arms), "fill_rate")[0].word


@pytest.mark.parametrize(
    ("difference", "above", "below", "within"),
    [(1.0, HOLDS, FAILS, FAILS), (-1.0, FAILS, HOLDS, FAILS), (0.0, OPEN, OPEN, HOLDS)],
)
def test_every_verdict_can_come_out(difference, above, below, within):
    arms = {"a": 5.0 + difference, "b": 5.0}
    assert word(Check("more", of="a - b", above=0), **arms) == above
    assert word(Check("less", of="a - b", below=0), **arms) == below
    assert word(Check("alike", of="a - b", within=0.5), **arms) == within
    assert word(Check("by a lot", of="a - b", above=0.95), **arms) == (FAILS if difference < 1 else OPEN)


def test_pairing_decides_what_single_intervals_do_not():
    made = figures(a=5.2, b=5.0)
    single = [made.of("fill_rate", arm, None).interval() for arm in ("a", "b")]
    assert single[0].low < single[1].high
    assert judge([Check("more", of="a - b", above=0)], made, "fill_rate")[0].word == HOLDS


def test_one_that_fails_outweighs_one_that_holds_and_one_that_is_open():
    made = figures(a=6.0, b=5.0, c=5.0)
    more, less, alike = (Check("", of=of, above=0) for of in ("a - b", "b - a", "b - c"))
    assert verdict(judge([more], made, "fill_rate")) == HOLDS
    assert verdict(judge([more, alike], made, "fill_rate")) == OPEN
    assert verdict(judge([more, alike, less], made, "fill_rate")) == FAILS


def test_more_comparisons_have_wider_intervals():
    made = figures(a=[6.0, 6.0], b=[5.0, 5.0])
    one = judge([Check("", of="a - b", at=(1,), above=0)], made, "fill_rate")[0].findings[0]
    both = judge([Check("", of="a - b", above=0)], made, "fill_rate")[0].findings
    assert [finding.at for finding in both] == [0, 1]
    assert both[1].low < one.low and both[1].high > one.high and both[1].value == one.value


def test_the_worst_is_named_when_it_is_worse_than_each():
    check = Check("which", worst=("a@1", "b@1", "c@1"))
    found = judge([check], figures(a=[9, 7], b=[9, 6], c=[9, 8]), "fill_rate")[0]
    assert found.word == HOLDS and [f.name for f in found.findings] == ["b@1, then a@1", "b@1, then c@1"]
    assert judge([check], figures(a=[9, 6], b=[9, 6], c=[9, 8]), "fill_rate")[0].word == OPEN
    found = judge([check], figures(a=[9, 7], b=[9, 6], c=[9, 8]), "total_cost")[0]  # the lowest cost is the best
    assert found.findings[0].name == "c@1, then a@1"


def test_ratios_slopes_and_interactions():
    made = figures(a=[2.0, 4.0, 6.0], b=[1.0, 2.0, 3.0])
    checks = [Check("", of="a@1 / b@1", above=0.5), Check("", of="slope(a)", above=1.5),
              Check("", of="a@2 - a@0 - b@2 + b@0", above=1),
              Check("", of="slope(b) / slope(a)", below=-0.4)]  # fmt: skip
    values = [each.findings[0].value for each in judge(checks, made, "fill_rate")]
    assert values == pytest.approx([1.0, 2.0, 2.0, -0.5], abs=0.1)


def test_no_figure_is_no_decision():
    made = Figures(("a", "b"), (None,), lambda measure, label, x: None)
    found = judge([Check("", of="a - b", above=0)], made, "fill_rate")[0]
    assert found.word == OPEN and np.isnan(found.findings[0].value)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"of": "a"}, "check 's': give of with one of above, below and within; or worst with two arms or more"),
        ({"of": "a", "above": 0, "below": 0}, "check 's': give of with one of above, below and within; or worst"),
        ({"worst": ("a",)}, "check 's': give of with one of"),
        ({"of": "a - d", "above": 0}, "arm 'd' of check 's' is unknown; choose from: a, b"),
        ({"of": "a-b", "above": 0}, "check 's': cannot read 'a-b'; write arms joined by ' - ', ' + ' or one ' / '"),
        ({"of": "a@7", "above": 0}, "x '7' of check 's' is unknown; choose from: 0, 1"),
        ({"worst": ("a", "b")}, "check 's': say at which x, such as a@0"),
        ({"of": "a", "above": 0, "measure": "fil_rate"}, "measure 'fil_rate' of check 's' is unknown; did you mean"),
    ],
)
def test_a_check_that_makes_no_sense_is_refused(written, message):
    with pytest.raises(InputError, match=re.escape(message)):
        judge([Check("s", **written)], figures(a=[1, 2], b=[1, 2]), "fill_rate")


# -------------------------------------------------------------------------------------------------------- files


def test_every_claim_opens_with_a_question():
    assert claim_names() == CLAIMS and len(CLAIMS) >= 8
    for name in CLAIMS:
        lines = (CONF / "claim" / f"{name}.yaml").read_text().splitlines()
        assert lines[0].startswith("# ") and lines[0].endswith("?"), name
        assert question_of(name) == lines[0][2:]
        assert max(map(len, lines)) <= 150, name


@pytest.mark.parametrize("name", CLAIMS)
def test_every_claim_runs_small(name, capsys):
    claim, _ = read_claim(name, [])
    small = [*SMALL, *(["scenario.items=4"] if _generated(name) and "scenario" not in _varied(claim) else [])]
    small += ["days=98"] * (name in ("adaptive", "missed_window"))  # events begin on day 91
    small += ["warm_up=126"] * (name == "two_weeks_without")  # its outage comes before the days that are measured
    assert main(["claim", name, *small]) == 0, capsys.readouterr().err
    printed = capsys.readouterr().out
    assert printed.startswith(claim.question + "\n")
    assert re.search(rf"^{name}: ({'|'.join(WORDS)})\. ", printed, re.M)
    (folder,) = Path("runs").glob("*/*")
    text = (folder / "claims.md").read_text()
    assert f"## {claim.question}" in text and f"](figures/{name}.png)" in text
    assert (folder / "figures" / f"{name}.png").stat().st_size > 10_000
    table = pd.read_csv(folder / "tables" / f"{name}.csv")
    assert set(table["arm"]) <= set(claim.arms) and set(table["measure"]) <= set(claim.measures)
    found = pd.read_csv(folder / "tables" / f"{name}_verdict.csv")
    assert set(found["check"]) == {check.says for check in claim.checks} and set(found["word"]) <= set(WORDS)


def _generated(name):
    with initialize_config_module(version_base="1.3", config_module="restock.conf"):
        return settings_of(compose("config", overrides=[f"claim@_global_={name}"])).scenario["kind"] == "generated"


def _varied(claim):
    return {key.split(".")[0] for arm in claim.arms.values() for key in arm.keys()} | {
        word.lstrip("+").split(".")[0] for words in claim.at.values() for word in words
    }


OWN = """\
# Does cover help?
defaults:
  - override /scenario: one_store
  - override /policy: just_in_time
replications: 8
days: 56
warm_up: 0
claim:
  says: cover helps
  equal: all but the cover
  measure: fill_rate
  axis: cover, days
  at: {0: policy.just_in_time.cover_days=0, 2: policy.just_in_time.cover_days=2}
  arms: {lean: "", slower: lead_time_factor=2}
  checks:
    - {says: two days help, of: lean@2 - lean@0, above: 0}
    - {says: more so than twice the lead time hurts, of: lean@2 - lean@0 + slower@0 - lean@0, above: 0}
"""


def own_claim(text=OWN):
    Path("mine/claim").mkdir(parents=True, exist_ok=True)
    Path("mine/claim/cover.yaml").write_text(text)
    return ["--config-dir", "mine"]


def test_a_claim_of_ones_own_and_an_arm_is_an_ordinary_run(capsys):
    assert main(["claim", "cover", *own_claim()]) == 0
    printed = capsys.readouterr().out
    assert "cover: holds. two days help: +" in printed
    words = ["scenario=one_store", "policy=just_in_time", "replications=8", "days=56", "warm_up=0"]
    assert main(["run", *words, "policy.just_in_time.cover_days=2", "lead_time_factor=2"]) == 0
    runs = sorted(Path("runs").glob("*/*"))
    alone = next(pd.read_csv(run / "tables" / "chain.csv") for run in runs if (run / "tables/chain.csv").exists())
    mine = next(pd.read_csv(run / "tables" / "cover.csv") for run in runs if (run / "tables/cover.csv").exists())
    of_alone = alone[alone["measure"] == "fill_rate"].iloc[0]
    of_claim = mine[(mine["arm"] == "slower") & (mine["x"] == 2)].iloc[0]
    assert of_claim["estimate"] == pytest.approx(of_alone["estimate"], rel=1e-12)
    assert of_claim["half_width"] == pytest.approx(of_alone["half_width"], rel=1e-9)


def test_an_arm_may_read_another_measure_of_the_same_run_and_be_drawn_against_another():
    own_claim(OWN.replace('slower: lead_time_factor=2', 'by_value: {reads: {fill_rate: fill_rate_value}}')
              .replace("measure: fill_rate", "measure: fill_rate\n  also: [fill_rate_value]\n  against: lean")
              .replace("lean@2 - lean@0 + slower@0 - lean@0", "by_value@2 - by_value@0"))  # fmt: skip
    found = answer("cover", [], Path("mine"))
    of = found.figures.of
    assert of("fill_rate", "by_value", 2).value == of("fill_rate_value", "lean", 2).value
    assert of("fill_rate", "by_value", 2).value != of("fill_rate", "lean", 2).value
    change = against_table(found)
    assert set(change["arm"]) == {"by_value"} and list(change["x"]) == [0, 2]
    ratio = of("fill_rate_value", "lean", 0).value / of("fill_rate", "lean", 0).value
    assert change["estimate"][0] == pytest.approx(ratio - 1)
    assert main(["claim", "cover", "--config-dir", "mine"]) == 0


OF_A_TIER = """\
# Do the DC's orders vary more than those of stores?
defaults:
  - override /scenario: regional_chain
  - override /policy: buffer
scenario: {stores: 2, items: 3, suppliers: 1}
replications: 8
days: 56
warm_up: 0
claim:
  says: the DC's orders vary more than what stores order
  equal: all
  measure: bullwhip_ratio
  arms: {chain: "", at_dc: {tier: dc}}
  checks:
    - {says: they vary more, of: at_dc, above: 1}
"""


def test_an_arm_may_read_the_books_of_a_tier(capsys):
    given = own_claim(OF_A_TIER)
    of = answer("cover", [], Path("mine")).figures.of
    words = ["scenario=regional_chain", "policy=buffer", "scenario.stores=2", "scenario.items=3",
             "scenario.suppliers=1", "replications=8", "days=56", "warm_up=0", "figures=false"]  # fmt: skip
    assert main(["run", *words]) == 0, capsys.readouterr().err
    (run,) = Path("runs").glob("*/*")
    tiers = pd.read_csv(run / "tables" / "tier.csv").set_index(["group", "measure"])
    asked, found = tiers.loc[("dc", "bullwhip_ratio")], of("bullwhip_ratio", "at_dc", None).interval()
    assert found.estimate == pytest.approx(asked["estimate"], rel=1e-12)
    assert found.half_width == pytest.approx(asked["half_width"], rel=1e-9)
    assert of("bullwhip_ratio", "chain", None).value != found.estimate
    capsys.readouterr()
    own_claim(OF_A_TIER.replace("tier: dc", "tier: shop"))
    said = refused(capsys, "claim", "cover", *given)
    assert said == "claim 'cover': tier 'shop' of claim 'cover' is unknown; choose from: dc, store"


def test_what_is_set_of_a_policy_goes_to_its_arms_alone():
    as_it_is, fuller = (answer("missed_delivery", [*SMALL, *words]).figures.of
                        for words in ([], ["policy.just_in_time.least_level=900"]))  # fmt: skip
    assert fuller("fill_rate", "just_in_time", 5).value == 1 > as_it_is("fill_rate", "just_in_time", 5).value
    assert fuller("fill_rate", "buffer", 5).value == as_it_is("fill_rate", "buffer", 5).value


def test_worlds_are_built_once_and_runs_made_once(monkeypatch):
    own_claim()
    from restock.sim.planning import prepared

    built, seen = [], prepared.Prepared
    monkeypatch.setattr(prepared, "Prepared", lambda scenario: built.append(scenario) or seen(scenario))
    made, run = [], claim_runs.Runs._run
    monkeypatch.setattr(claim_runs.Runs, "_run", lambda self, words: made.append(words) or run(self, words))
    assert answer("cover", [], Path("mine")).word in WORDS
    assert len(built) == 2 and len(made) == len(set(made)) == 4


def test_a_check_that_turns_with_an_assumed_cost_says_so(capsys):
    """Carrying cost is a default of the scenario: what is claimed of it turns when it is half or twice as high."""
    own_claim()
    of = answer("cover", [], Path("mine")).figures.of
    carrying = of("total_cost", "lean", 2).value - of("total_cost", "lean", 0).value
    assert carrying < 0  # lost sales: nothing of this turns
    held = of("carrying_cost", "lean", 2).value
    own_claim(OWN.replace("measure: fill_rate", "measure: fill_rate\n  also: [carrying_cost]")
              .replace("checks:", "checks:\n    - {says: stock is cheap, of: lean@2, measure: carrying_cost, "
                                  f"below: {1.5 * held}}}\n    - {{says: two days save, of: lean@2 - lean@0, "
                                  "measure: total_cost, below: 0}", 1))  # fmt: skip
    found = answer("cover", [], Path("mine"))
    cheap, save, *others = found.rests_on
    assert cheap == "carrying cost (does not hold when it is doubled)"
    assert save == "" and set(others) == {""}
    assert main(["claim", "cover", "--config-dir", "mine"]) == 0
    assert ": holds, but depends on carrying cost (does not hold when it is doubled)" in capsys.readouterr().out


def refused(capsys, *words):
    before = set(Path.cwd().rglob("*"))
    assert main(list(words)) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.count("\n") == 1
    assert set(Path.cwd().rglob("*")) == before
    return captured.err[len("restock: ") : -1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["claim", "countng"], "claim 'countng' is unknown; did you mean 'counting'? choose from: "),
        (["claim"], "restock claim takes one claim, got 0; restock claims runs several, or all"),
        (["claim", "counting", "replications=1"], "a claim needs replications of at least 2, got 1"),
        (["claim", "counting", "dyas=7"], "setting 'dyas' is unknown; did you mean 'days'? choose from: "),
        (["claim", "counting", "policy=buffer"], "policy is what claim 'counting' compares: leave it out"),
        (["claim", "counting", "records.count_every=7"],
         "records.count_every is what claim 'counting' compares: leave it out"),
        (["claim", "missed_delivery", *SMALL, "policy.bufer.target=0.9"],
         "claim 'missed_delivery': policy 'bufer' of claim 'missed_delivery' is unknown; did you mean 'buffer'?"),
        (["claim", "missed_delivery", *SMALL, "policy.just_in_time.cover=1"],
         "claim 'missed_delivery': setting 'cover' of policy.just_in_time is unknown; did you mean 'cover_days'?"),
        (["claim", "counting", "-m"], "restock claim takes no -m; settings are name=value"),
        (["claims", "counting", "mised"], "claim 'mised' is unknown; "),
        (["claim", "counting", "--config-dir", "nowhere"], "--config-dir: there is no folder 'nowhere'"),
    ],
)  # fmt: skip
def test_a_wrong_word_is_one_line(capsys, words, message):
    assert refused(capsys, *words).startswith(message)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("measure: fill_rate", "mesure: fill_rate", "setting 'mesure' of claim is unknown; did you mean 'measure'?"),
        ("measure: fill_rate", "measure: fil_rate", "measure 'fil_rate' of claim 'cover' is unknown; did you mean "),
        ("above: 0}", "abvoe: 0}", "setting 'abvoe' of check 'two days help' of claim 'cover' is unknown; did "),
        ("lean@0, above", "leen@0, above", "claim 'cover': arm 'leen' of check 'two days help' is unknown; did you"),
        ('slower: lead_time_factor=2', 'slower: {word: x}', "setting 'word' of claim.arms.slower of claim 'cover'"),
        ('slower: lead_time_factor=2', 'slower: lead_time_facto=2',
         "claim 'cover': setting 'lead_time_facto' is unknown; did you mean 'lead_time_factor'?"),
        ('lean: ""', 'lean: "policy=[buffer,just_in_time]"',
         "claim 'cover': an arm of claim 'cover' takes one policy, got buffer, just_in_time; give policy=NAME in its"),
        ("says: cover helps", "says: cover: helps",
         "cover.yaml line 9 cannot be read as YAML: mapping values are not allowed here"),
        ("measure: fill_rate", "against: leen", "arm 'leen' of claim.against of claim 'cover' is unknown; did you"),
        ("says: cover helps", 'says: ""', "claim.says of claim 'cover' must be a sentence"),
        ("measure: fill_rate", "equal_at: {fill_rate: 0.9}",
         "claim.arms.lean of claim 'cover': claim.equal_at needs along, two settings of it or more"),
        ('lean: ""', "lean: {theory: luck, like: slower}",
         "theory 'luck' of claim.arms.lean of claim 'cover' is unknown"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_file_is_one_line(capsys, before, after, message):
    assert before in OWN
    said = refused(capsys, "claim", "cover", *own_claim(OWN.replace(before, after, 1)))
    assert said.removeprefix(f"{Path.cwd()}/mine/claim/").startswith(message)


def test_a_service_that_is_not_reached_is_not_decided_and_says_why(capsys):
    text = OWN.replace("  axis: cover, days\n", "").replace(
        "at: {0: policy.just_in_time.cover_days=0, 2: policy.just_in_time.cover_days=2}", "equal_at: {fill_rate: 0.2}"
    )
    along = "along: [policy.just_in_time.cover_days=0, policy.just_in_time.cover_days=1]"
    text = text.replace('lean: "", slower: lead_time_factor=2',
                        f"lean: {{{along}}}, slower: {{words: lead_time_factor=2, {along}}}")  # fmt: skip
    text = text.split("  checks:")[0] + "  checks: [{says: slower costs, of: slower - lean, below: 0}]\n"
    assert main(["claim", "cover", *own_claim(text)]) == 0, capsys.readouterr().err
    assert "cover: not decided. slower costs: no figure: the settings along which" in capsys.readouterr().out


def test_an_interrupted_claim_leaves_nothing(monkeypatch, capsys):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("restock.experiments.claim_page.figure", interrupted)
    assert main(["claim", "cover", *own_claim()]) == 130
    assert not Path("runs").exists()


def test_claims_are_listed_and_put_on_one_page(capsys):
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    assert all(f"  {name:<30} {question_of(name)}" in listed for name in CLAIMS)
    assert main(["claims", "cover", "missed_delivery", *SMALL, *own_claim()]) == 0
    (page,) = Path("runs").glob("*/*/claims.md")
    text = page.read_text()
    assert text.count("\n## ") == 2 and text.count("![") == 2
    again, bigger = re.search(r"Again: `restock (claim cover .*?)`; bigger: `restock (claim cover .*?)`", text).groups()
    assert "--config-dir mine" in again and "--config-dir mine" in bigger and bigger.count("replications=") == 1
    assert main([*shlex.split(again), "days=14"]) == 0
    assert all((page.parent / path).is_file() for path in re.findall(r"\]\((figures/[^)]+)\)", text))
    assert yaml.safe_load((page.parent / "settings/cover/config.yaml").read_text())["days"] == 28
    register([])
