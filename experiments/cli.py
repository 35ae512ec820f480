"""The command `restock`: which command is asked for, and how it ends (exit codes and one-line messages)."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from importlib import import_module

from restock.experiments import endings, interrupt
from restock.experiments.command_words import (
    GROUPS,
    chosen,
    flags_first,
    none_chosen,
    one_choice,
    prices_added,
    resumed,
    with_answers_asked,
    with_search,
)
from restock.experiments.dotted import own_folders
from restock.experiments.run_folder import NotWritten
from restock.sim.errors import InputError, WorkersLost, require, unknown

USAGE = """\
restock simulates retail supply chains and says which replenishment policy gives what fill rate, at what cost.

  restock compare [settings]          policies side by side, with paired differences
  restock run policy=NAME [settings]  one policy
  restock optimize policy=NAME [settings]
                                      its best settings, such as least cost at a fill rate (needs restock[optimize]);
                                      policy=[NAME,NAME] searches several at once, resume=RUN goes on with a run
  restock advise [settings]           which single improvement is worth most a year, and which go well together
  restock advise profile=NAME         the same without data: five questions, and a chain made of the answers
  restock trace policy=NAME [replication=17 item=... site=...]
                                      one replication day by day: event log, and a picture of one cell's stock
  restock day policy=NAME [replication=17 item=... site=...]
                                      the same, a day at a time and in sentences, forwards and back
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
  restock lesson [NAME]               a question, your guess, a run that answers it, and why; without NAME, all of them
  restock game [seat=retailer bots=sterman]
                                      the beer game at the terminal, bots in the other seats (restock game --help)
  restock workshop [settings] [--lan]
                                      a page of what-if questions, and a room that predicts (needs restock[ui])
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

JOBS = ("compare", "run", "trace", "day", "optimize", "project", "backtest", "advise")
OTHERS = {
    "calibrate": "data_commands.calibrate",
    "claim": "claim_command.claim_command",
    "claims": "claim_command.claims_command",
    "collect": "sweep.collect_command",
    "dataset": "data_commands.dataset",
    "game": "beer_game.terminal.game_command",
    "lesson": "lessons.terminal.lesson_command",
    "list": "listing.print_list",
    "report": "report_page.report_command",
    "verify": "verify_command.verify_command",
    "workshop": "workshop.command.workshop_command",
}
"""Commands that are no jobs, and the function of this package that each calls with its words."""
SAID_HERE = (*JOBS, "claim", "claims", "list", "collect", "dataset", "report")  # their help is the usage above
SELDOM = (20_000, 10, 10)  # rounds of garbage: nearly all that a command makes lasts as long as it, modules above all
ALONE = {
    "advise": "tries its improvements one after the other",
    "day": "steps through one replication",
    "optimize": "searches one scenario at a time",
    "project": "goes forward under one policy at a time",
    "trace": "opens one replication",
}
"""Commands that are no part of a sweep, and why."""
USUAL = {"beer_game": "beer_game_benchmark"}  # the policy of a command that takes one, where none is named


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
    if command in OTHERS:
        module, _, function = OTHERS[command].rpartition(".")
        return getattr(import_module(f"restock.experiments.{module}"), function)(rest)
    raise unknown("command", command, (*JOBS, *OTHERS))


def _hydra(command: str, words: list[str]) -> int:
    """Hand over to Hydra, which is told to raise what it would otherwise print."""
    import hydra

    from restock.experiments import jobs, settings
    from restock.experiments.composing_once import composed_once
    from restock.experiments.sweep import AnotherSweep, SweepTable

    SweepTable.command = command
    words = none_chosen(_search_resumed(words) if command == "optimize" else resumed(words))
    sweep = any(word in ("-m", "--multirun") for word in words)
    overridden = any(word.split("=")[0] in ("policy", "experiment") for word in words)
    if command != "compare" and not overridden:
        words = [*words, f"policy={USUAL.get(chosen('scenario', words), 'buffer')}"]
    require(not (sweep and command in ALONE), f"restock {command} {ALONE.get(command)}: it goes without -m")
    if command == "advise":
        words = prices_added(words)
    words = with_answers_asked(words, command)
    if command == "optimize":
        words = with_search(words)
    words = flags_first(words)
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


def _search_resumed(words: list[str]) -> list[str]:
    """`resume=FOLDER`, a run of restock optimize: its settings, and those given beside it."""
    from pathlib import Path

    from restock.experiments import resuming

    places = [word.split("=", 1)[1] for word in words if word.startswith("resume=")]
    resuming.asked = Path(places[-1]) if places else None
    if resuming.asked is None:
        return words
    given = [word for word in words if not word.startswith("resume=")]
    named = {word.lstrip("+~").split("=")[0] for word in given}
    return [
        *(word for word in resuming.words_of(resuming.asked) if word.lstrip("+~").split("=")[0] not in named),
        *given,
    ]


def _known_settings(words: list[str]) -> Iterable[str]:
    """Names of all settings, given the choices that can be composed, those in a folder of the user's among them."""
    from hydra import compose, initialize_config_module
    from omegaconf import OmegaConf

    from restock.experiments.messages import names_of

    chosen = [one_choice(word) for word in words if word.split("=")[0] in GROUPS]
    places = [f"file://{folder.absolute()}" for folder in own_folders(words)]
    with initialize_config_module(version_base="1.3", config_module="restock.conf"):
        for overrides in (chosen, []):
            try:
                config = compose("config", overrides=[*overrides, f"hydra.searchpath={places}"])
            except Exception:  # a choice, or a file of the user's, may itself be what is wrong
                continue
            return names_of(OmegaConf.to_container(config, resolve=False))  # type: ignore[arg-type]
    return []


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
