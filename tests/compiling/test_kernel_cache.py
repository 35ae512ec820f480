"""Compiled functions kept on disk: read back where whole, compiled again where damaged, private where others write."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numba
import pytest

from restock.sim.compiling import cache_folders, whole_files
from restock.sim.compiling.cache_folders import (
    KEPT,
    folder_of_version,
    private_folder,
    sweep_old,
    user_folder,
    writable,
)
from restock.sim.compiling.kernel_cache import keep_on_disk

ROOT = Path(__file__).parents[2]


def twice(x):
    return 2 * x


def compiled(folder, seconds=0.0):
    """A function as a new process would meet it; whether it was compiled, or read."""
    function = keep_on_disk(numba.njit(twice), folder, seconds)
    assert function(21) == 42
    return bool(function.stats.cache_misses)


def kept(folder):
    (path,) = folder.glob("*.kernel")
    return path


def garbage(path):
    path.write_bytes(os.urandom(500))


def cut_short(path):
    path.write_bytes(path.read_bytes()[:-100])


def one_bit_wrong(path):
    held = bytearray(path.read_bytes())
    held[len(held) // 2] ^= 1
    path.write_bytes(held)


def emptied(path):
    path.write_bytes(b"")


def made_a_folder(path):
    path.unlink()
    (path / "inside").mkdir(parents=True)


def a_pickle_of_something_else(path):
    import hashlib
    import pickle

    body = pickle.dumps(("nothing", "of", "numba"))
    path.write_bytes(hashlib.blake2b(body, digest_size=whole_files.DIGEST).digest() + body)


@pytest.mark.parametrize(
    "damage", [garbage, cut_short, one_bit_wrong, emptied, made_a_folder, a_pickle_of_something_else]
)
def test_what_is_damaged_is_compiled_again_and_said_in_one_line(damage, tmp_path, capsys):
    assert compiled(tmp_path) and not compiled(tmp_path)
    assert capsys.readouterr().err == ""
    path = kept(tmp_path)
    damage(path)
    assert compiled(tmp_path)
    said = capsys.readouterr().err
    assert said.startswith(f"restock: the compiled kernel kept in '{path}' is damaged (") and said.count("\n") == 1
    assert not compiled(tmp_path)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("form", "catalogue"), [("2 * x", False), ("hash('ab' * x)", True)])
def test_what_is_kept_is_read_without_what_compiling_needs(form, catalogue, tmp_path):
    """numba's catalogue of what it can compile takes longer to import than a small kernel to run.

    Compiled code that hashes text refers to numbers of each process, which the catalogue declares.
    """
    (tmp_path / "own.py").write_text(
        "import sys, numba\n"
        "from pathlib import Path\n"
        "from restock.sim.compiling.kernel_cache import keep_on_disk\n"
        f"def work(x): return {form}\n"
        "compiled = keep_on_disk(numba.njit(work), Path('kept'), 0.0)\n"
        "right = compiled(2) == work(2)\n"
        "print(right, bool(compiled.stats.cache_misses), 'numba.cpython.setobj' in sys.modules)\n"
    )
    (tmp_path / "kept").mkdir()
    for expected in ("True True True", f"True False {catalogue}"):
        run = subprocess.run([sys.executable, "own.py"], cwd=tmp_path, text=True, capture_output=True, check=True,
                             env=os.environ | {"PYTHONPATH": str(ROOT)})  # fmt: skip
        assert run.stdout.strip() == expected


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_replaced(tmp_path):
    compiled(tmp_path)
    kept(tmp_path).chmod(0)
    assert compiled(tmp_path) and not compiled(tmp_path)


def test_a_full_disk_is_said_and_the_function_runs(tmp_path, monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(whole_files.os, "replace", full)
    assert compiled(tmp_path)
    said = capsys.readouterr().err
    assert said == (
        f"restock: the compiled kernel cannot be kept in '{tmp_path}' (No space left on device): "
        "the next run compiles it again\n"
    )
    monkeypatch.undo()
    assert [path.suffix for path in tmp_path.iterdir()] == [".lock"]
    assert compiled(tmp_path) and not compiled(tmp_path)


def test_compiling_is_said_once_with_what_it_took_before(tmp_path, capsys):
    folder = tmp_path / "version"
    folder.mkdir()
    assert compiled(folder, seconds=60.0)
    assert capsys.readouterr().err == "restock: compiling the kernel (once, about 60 s)\n"
    assert not compiled(folder, seconds=60.0)
    assert capsys.readouterr().err == ""
    kept(folder).unlink()
    (tmp_path / "seconds.json").write_text('{"test_kernel_cache.twice": 83.7}')
    assert compiled(folder, seconds=60.0)
    assert capsys.readouterr().err == "restock: compiling the kernel (once, about 84 s)\n"
    (tmp_path / "seconds.json").write_text("[")
    kept(folder).unlink()
    assert compiled(folder, seconds=60.0)
    assert "about 60 s" in capsys.readouterr().err


def test_of_two_processes_one_compiles_and_the_other_waits_for_it(tmp_path):
    code = """
import sys, time, numba
from pathlib import Path
from restock.sim.compiling.kernel_cache import keep_on_disk
def slow(x):
    return 2 * x
function = keep_on_disk(numba.njit(slow), Path.cwd(), 1.0)
plain = function._compiler.compile
def compile(*given):
    time.sleep(3)
    return plain(*given)
function._compiler.compile = compile
Path(sys.argv[2]).touch()
while not (Path("ready-0").exists() and Path("ready-1").exists()):
    time.sleep(0.01)
function(21)
print(bool(function.stats.cache_misses))
"""
    (tmp_path / "own.py").write_text(code)
    runs = [
        subprocess.Popen([sys.executable, "own.py", "x", f"ready-{k}"], cwd=tmp_path, text=True,
                         env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for k in range(2)
    ]  # fmt: skip
    said = [run.communicate(timeout=120) for run in runs]
    assert sorted(out.strip() for out, _ in said) == ["False", "True"], said
    assert "restock: waiting for another process, which compiles the kernel\n" in [errors for _, errors in said]


@pytest.mark.parametrize("name", ["RESTOCK_CACHE", "XDG_CACHE_HOME"])
def test_an_empty_variable_counts_as_unset(name, monkeypatch, tmp_path):
    for other in ("RESTOCK_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    unset = user_folder()
    assert unset == tmp_path / ".cache" / "restock"
    monkeypatch.setenv(name, "")
    assert user_folder() == unset
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert user_folder() == unset
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert user_folder() == Path("/somewhere/restock")
    monkeypatch.setenv("RESTOCK_CACHE", "/elsewhere")
    assert user_folder() == Path("/elsewhere")


def test_folders_of_versions_long_unused_are_removed(monkeypatch, tmp_path):
    monkeypatch.setenv("RESTOCK_CACHE", str(tmp_path))
    names = [f"{k:016x}" for k in range(12)]
    for age, name in enumerate(names):
        (tmp_path / name).mkdir()
        (tmp_path / name / "run.kernel").write_text("")
        os.utime(tmp_path / name, (time.time() - 86_400 * age,) * 2)
    (tmp_path / "of_the_user").mkdir()
    os.utime(tmp_path / "of_the_user", (0, 0))
    used = folder_of_version(names[11])  # the oldest, in use again
    assert {path.name for path in tmp_path.iterdir()} == {*names[:KEPT], names[11], "of_the_user"}
    assert time.time() - used.stat().st_mtime < 600


def test_folders_that_other_versions_use_are_left_alone(tmp_path):
    names = [f"{k:016x}" for k in range(12)]
    for name in names:
        (tmp_path / name).mkdir()
    sweep_old(tmp_path / names[0])
    assert len(list(tmp_path.iterdir())) == 12


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(cache_folders.tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_compiled_functions_are_kept_in_private_where_the_cache_cannot_be_written(temporary, capsys):
    (temporary / "file").write_text("not a folder")
    place = writable(temporary / "file" / "abc")
    assert place.name == "abc" and place.is_dir() and place.parent.parent == temporary
    assert place.parent.stat().st_mode & 0o777 == 0o700
    assert writable(temporary / "file" / "abc") == place
    assert writable(temporary / "new" / "abc") == temporary / "new" / "abc"
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(os.name != "posix", reason="owners and modes are those of POSIX")
@pytest.mark.parametrize("whose", ["open to others", "of another user", "a link", "a file"])
def test_a_private_folder_that_others_may_have_made_is_not_used(whose, temporary, monkeypatch, capsys):
    guessed = temporary / f"restock-{os.getuid()}"
    if whose == "a link":
        (temporary / "theirs").mkdir(mode=0o700)
        guessed.symlink_to(temporary / "theirs")
    elif whose == "a file":
        guessed.write_text("")
    else:
        guessed.mkdir(mode=0o700)
    if whose == "open to others":
        guessed.chmod(0o777)
    if whose == "of another user":
        here = os.getuid()
        monkeypatch.setattr(cache_folders, "_user", lambda: here + 1)
        guessed.rename(temporary / f"restock-{here + 1}")
        guessed = temporary / f"restock-{here + 1}"
    place = private_folder()
    assert place != guessed and place.parent == temporary and place.stat().st_mode & 0o777 == 0o700
    said = capsys.readouterr().err
    assert said.startswith(f"restock: '{guessed}' ") and said.count("\n") == 1
