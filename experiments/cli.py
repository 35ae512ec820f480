"""The command `restock`: which command is asked for, and how it ends (exit codes and one-line messages)."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Iterable

from restock.experiments import endings, interrupt
from restock.experiments.dotted import own_folders
from restock.experiments.run_folder import NotWritten
from restock.sim.errors import InputError, WorkersLost, require, unknown

USAGE = """\
restock simulates retail supply chains and says which replenishment policy gives what fill rate, at what cost.

  restock compare [settings]          policies side by side, with paired differences
  restock run policy=NAME [settings]  one policy
  restock optimize policy=NAME [settings]
                                      its best settings, such as least cost at a fill rate (needs restock[optimize])
  restock trace policy=NAME [replication=17 item=... site=...]
                                      one replication day by day: event log, and a picture of one cell's stock
  restock project [weeks=8 policy=NAME settings]
                                      from today's state forward: stock and service, cells at risk, excess, orders
  restock backtest [weeks=13 settings]
                                      laws fitted to the first part of a record, judged by its last weeks
  restock calibrate FOLDER [output=... record=sale|order bucket=28 ...]
                                      from an ERP export to a scenario of your own (restock calibrate --help)
  restock dataset grocery FOLDER      write the grocery data set again (needs restock[data])
  restock claim NAME [settings]       one claim of the trade, put to the test: numbers, a figure and a verdict
  restock claims [NAME ...] [settings]
                                      several of them, or all, on one page
  restock report RUN [output=FILE]    a run folder as one page to hand over: RUN/report.html
  restock verify [CASE ...]           published and exact cases against both engines, on your machine
  restock --version                   the version
  restock list                        scenarios, policies, executors, experiments, each with a line of what it is
  restock collect FOLDER              the table and figure of a sweep, made again from its runs

settings are name=value (all of them, with comments: restock compare --cfg job); those of a policy are
policy.NAME.SETTING=value:
  restock compare scenario=one_store replications=500 seed=7
  restock compare policy=[buffer,base_stock] policy.buffer.target=0.98 demand.cv_factor=1.5
  restock compare precision.relative=0.01       as many replications as it takes; or selection... for the best policy
  restock compare experiment=lead_time_shock
  restock optimize policy=buffer optimize.objective=distortion_cost optimize.constraints.fill_rate=0.98
  restock run policy=my_rules.CoverDays         a policy of your own, class CoverDays in my_rules.py of this folder;
                                                its settings: policy.cover_days.days_of_cover=12
                                                (how to write one: python -m pydoc restock.sim.planning.policy.Policy)
  restock run --config-dir my_conf policy=mine  your own files beside those of restock, such as my_conf/policy/mine.yaml

where it runs: executor=threads (the default), serial, processes or dask; the result is the same, bit for bit
  restock compare executor=dask executor.address=tcp://127.0.0.1:8786       a dask cluster (needs restock[cluster])

sweeps: -m runs every combination of values, and ends with one table (results.csv, results.parquet) and a figure
  restock run -m policy=just_in_time,buffer demand.cv_factor=0.5,1,2        add hydra/launcher=joblib for all cores,
                                                    or hydra/launcher=submitit_slurm (needs restock[slurm])
  restock run -m ... resume=FOLDER                                          runs only what that sweep still lacks

Results go to runs/DATE/TIME. Exit codes: 0 done, 1 a run failed, 2 a setting or a file is wrong, 130 interrupted.
"""

JOBS = ("compare", "run", "trace", "optimize", "project", "backtest")
OTHERS = ("calibrate", "claim", "claims", "dataset", "verify", "list", "collect", "report")
SAID_HERE = (*JOBS, "claim", "claims", "list", "collect", "dataset", "report")  # their help is the usage above
SELDOM = (20_000, 10, 10)  # rounds of garbage: nearly all that a command makes lasts as long as it, modules above all
GROUPS = ("scenario", "policy", "executor", "search", "experiment")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if arguments is None:
        gc.set_threshold(*SELDOM)
    endings.print_what_can_be_printed()
    with interrupt.watched(farewell=_interrupted if arguments is None else None):
        try:
            code = _command(words)
            interrupt.check()
            sys.stdout.flush()  # what cannot be printed is said now, not as Python ends
            return code
        except KeyboardInterrupt:
            return _interrupted()
        except BrokenPipeError:
            endings.print_no_more()  # the reader of our output went away
            return 0
        except InputError as error:
            return _interrupted() if interrupt.asked() else _refuse(str(error))
        except WorkersLost as error:
            return _interrupted() if interrupt.asked() else _refuse(str(error), code=1)
        except NotWritten as error:
            print(error.report)
            return _interrupted() if interrupt.asked() else _refuse(str(error), code=1)
        except Exception as error:
            if interrupt.asked():
                return _interrupted()
            return _refuse(*endings.of_failure(error))


def _command(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(USAGE, end="")
        return 0
    if words[0] in ("--version", "-V", "version"):
        from restock.experiments.run_folder import versions

        print(f"restock {versions()['restock']}")
        return 0
    command, rest = words[0], words[1:]
    if any(word in ("-h", "--help") for word in rest) and command in SAID_HERE:
        print(USAGE, end="")
        return 0
    if command in JOBS:
        return _hydra(command, rest)
    if command == "verify":
        from restock.experiments.verify_command import verify_command

        return verify_command(rest)
    if command in ("claim", "claims"):
        from restock.experiments import claim_command

        return claim_command.claim_command(rest) if command == "claim" else claim_command.claims_command(rest)
    if command == "report":
        from restock.experiments.report_page import report_command

        return report_command(rest)
    if command == "list":
        from restock.experiments.listing import print_list

        return print_list()
    if command == "collect":
        from restock.experiments.sweep import collect_command

        return collect_command(rest)
    if command in ("calibrate", "dataset"):
        from restock.experiments import data_commands

        return getattr(data_commands, command)(rest)
    raise unknown("command", command, (*JOBS, *OTHERS))


def _hydra(command: str, words: list[str]) -> int:
    """Hand over to Hydra, which is told to raise what it would otherwise print."""
    import hydra

    from restock.experiments import jobs, settings
    from restock.experiments.composing_once import composed_once
    from restock.experiments.sweep import AnotherSweep, SweepTable

    SweepTable.command = command
    words = _none_chosen(_resumed(words))
    sweep = any(word in ("-m", "--multirun") for word in words)
    overridden = any(word.split("=")[0] in ("policy", "experiment") for word in words)
    if command != "compare" and not overridden:
        words = [*words, "policy=buffer"]
    if command == "project":
        require(not sweep, "restock project goes forward under one policy at a time: it goes without -m")
    if command == "optimize":
        require(not sweep, "restock optimize searches one policy in one scenario at a time: it goes without -m")
        words = _with_search(words)
    words = _flags_first(words)
    sys.argv = ["restock", *words]
    settings.register(words, own_folders(words))
    with endings.hydra_raises(), composed_once(words):
        try:
            hydra.main(version_base="1.3", config_path="pkg://restock.conf", config_name="config")(
                getattr(jobs, command)
            )()
        except endings.of_settings() as error:
            interrupt.check()
            raise endings.refusal(error, lambda: _known_settings(words)) from error
        except (AssertionError, OverflowError) as error:
            from restock.experiments.messages import not_its_own

            if said := not_its_own(error, words, lambda: _known_settings(words)):
                raise InputError(said) from error
            raise
        except AnotherSweep as error:
            return _refuse(str(error))
        except OSError as error:  # no job has begun: the folder for its results cannot be made, or a file not be read
            raise InputError(endings.of_file(error) + "; results go to runs, or to hydra.run.dir=FOLDER") from error
    if jobs.failures:
        raise jobs.failures.pop()
    if sweep:
        return SweepTable.exit_code
    return 0


def _resumed(words: list[str]) -> list[str]:
    """`resume=FOLDER` is Hydra's sweep folder by a name that says what it is for."""
    out = []
    for word in words:
        if word.startswith("resume="):
            folder = word.split("=", 1)[1]
            if not os.path.isdir(folder):
                raise InputError(f"resume: there is no folder '{folder}'")
            if "-m" not in words and "--multirun" not in words:
                raise InputError("resume=FOLDER goes with -m and the settings of the sweep that was begun there")
            word = f"hydra.sweep.dir='{folder}'"
        out.append(word)
    return out


def _none_chosen(words: list[str]) -> list[str]:
    """What GROUP=null means: no experiment, no search; of the others, one must be chosen.

    >>> _none_chosen(["seed=1", "search=null", "experiment=null"])
    ['seed=1', 'search=none']
    """
    out = []
    for word in words:
        name, _, value = word.partition("=")
        if name in GROUPS and value in ("null", ""):
            if name not in ("search", "experiment"):
                raise InputError(f"{word}: one {name} must be chosen; restock list names them")
            word = "search=none" if name == "search" else ""
        elif name in GROUPS and (
            wrong := [each for each in value.strip("[]").split(",") if each and not _may_be_name(each)]
        ):
            raise InputError(f"{name} must be chosen by a name, got {wrong[0].strip()}; restock list has the names")
        out.append(word)
    return [word for word in out if word]


def _may_be_name(text: str) -> bool:
    """Whether Hydra would read the text as one: not a number, a truth value or a mapping.

    >>> [_may_be_name(text) for text in ("buffer", "my_rules.CoverDays", "1e9", "true", "{a: 1}", "[]")]
    [True, True, False, False, False, False]
    """
    text = text.strip().lower()
    return bool(text) and not re.match(r"[-+.]?\d|[-+]?(nan|inf)$|(true|false|null)$|[{}\[:]", text)


def _with_search(words: list[str]) -> list[str]:
    """The search space that comes with the policy named, where there is one and no other is.

    >>> _with_search(["policy=buffer"])
    ['policy=buffer', 'search=buffer']
    """
    named = [word.split("=", 1)[1].strip("[]") for word in words if word.startswith("policy=")]
    if not named or any(word.startswith("search=") for word in words):
        return words
    from importlib.resources import files

    places = [files("restock.conf"), *own_folders(words)]
    found = any(place.joinpath("search", f"{named[-1]}.yaml").is_file() for place in places)  # type: ignore[attr-defined]
    return [*words, f"search={named[-1] if found else 'none'}"]


def _flags_first(words: list[str]) -> list[str]:
    """Flags before settings: Hydra's parser takes settings only where they stand together.

    >>> _flags_first(["seed=1", "-m", "--config-dir", "mine", "days=7"])
    ['-m', '--config-dir', 'mine', 'seed=1', 'days=7']
    """
    settings = [word for word in words if "=" in word and not word.startswith("-")]
    return [word for word in words if word not in settings] + settings


def _known_settings(words: list[str]) -> Iterable[str]:
    """Names of all settings, given the choices that can be composed, those in a folder of the user's among them."""
    from hydra import compose, initialize_config_module
    from omegaconf import OmegaConf

    from restock.experiments.messages import names_of

    chosen = [_one_choice(word) for word in words if word.split("=")[0] in GROUPS]
    places = [f"file://{folder.absolute()}" for folder in own_folders(words)]
    with initialize_config_module(version_base="1.3", config_module="restock.conf"):
        for overrides in (chosen, []):
            try:
                config = compose("config", overrides=[*overrides, f"hydra.searchpath={places}"])
            except Exception:  # a choice, or a file of the user's, may itself be what is wrong
                continue
            return names_of(OmegaConf.to_container(config, resolve=False))  # type: ignore[arg-type]
    return []


def _one_choice(word: str) -> str:
    """A choice of a sweep as one that can be composed: all its policies side by side, of anything else the first.

    >>> _one_choice("policy=buffer,base_stock"), _one_choice("scenario=grocery,one_store")
    ('policy=[buffer,base_stock]', 'scenario=grocery')
    """
    name, _, value = word.partition("=")
    if "," not in value or value.startswith("["):
        return word
    return f"policy=[{value}]" if name == "policy" else f"{name}={value.split(',')[0]}"


def _interrupted() -> int:
    if "restock.sim.compiling.notice" in sys.modules:
        sys.modules["restock.sim.compiling.notice"].silence()
    if "restock.experiments.claiming" in sys.modules:
        sys.modules["restock.experiments.claiming"].give_up_all()
    print(f"\rrestock: interrupted{_end_of_sweep()}", file=sys.stderr)
    return 130


def _refuse(message: str, code: int = 2) -> int:
    print(f"restock: {endings.in_one_line(message)}{_end_of_sweep()}", file=sys.stderr)
    return code


def _end_of_sweep() -> str:
    """A sweep that was begun keeps its finished runs; words that say so."""
    if "restock.experiments.sweep" not in sys.modules:
        return ""
    from restock.experiments.sweep import ended_early

    with interrupt.writing():
        return ended_early()


if __name__ == "__main__":
    sys.exit(main())
