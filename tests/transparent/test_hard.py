# SPDX-License-Identifier: MIT
"""Hard places: each command ends as it does without kmlflow."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path(__file__).resolve().parent / "hard.c"
LIBRARIES = Path("/usr/lib/x86_64-linux-gnu")
PATIENCE = 90
root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


@pytest.fixture(scope="session")
def bindir(tmp_path_factory):
    given = os.environ.get("KMLFLOW_TEST_BINDIR")
    if given:
        return Path(given).resolve()
    prefix = tmp_path_factory.mktemp("prefix")
    subprocess.run(
        ["make", "-s", "install", f"PREFIX={prefix}"], cwd=ROOT, check=True
    )
    return prefix / "bin"


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    place = tmp_path_factory.mktemp("compiled")

    def build(compiler, *flags):
        out = place / "-".join([compiler, *flags]).replace("/", "_")
        if not shutil.which(compiler):
            pytest.skip(f"NOT INSTALLED: {compiler}")
        if not out.exists():
            argv = [compiler, "-g", *flags, "-pthread", "-o", out, SOURCE]
            subprocess.run(argv, check=True)
        return out

    return build


class Both:
    """Runs a shell's command bare and with kmlflow, in fresh directories."""

    def __init__(self, base, bindir):
        self.base = base
        self.env = {
            "PATH": f"{bindir}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(base),
            "LANG": "C.UTF-8",
            "MLFLOW_TRACKING_URI": str(base / "store"),
            "KMLFLOW_SPOOL_DIR": str(base / "spools"),
        }

    def run(self, name, argv, env):
        place = self.base / name
        (place / "out").mkdir(parents=True)
        env = dict(self.env, **env)
        r = subprocess.run(
            argv,
            cwd=place,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
        )
        files = sorted(
            (str(p.relative_to(place)), p.stat().st_size)
            for p in (place / "out").rglob("*")
            if p.is_file()
        )
        return r, files

    def same(self, command, env=None, options=(), around=()):
        shell = [*around, "sh", "-c", command]
        inside = [*around, "kmlflow", "exec", "-q", "-a", "out/**", *options]
        bare, bare_files = self.run("bare", shell, env or {})
        ours, our_files = self.run(
            "ours", [*inside, "--", "sh", "-c", command], env or {}
        )
        assert ours.returncode == bare.returncode, ours.stderr + bare.stderr
        assert ours.stdout == bare.stdout
        assert our_files == bare_files
        return bare, ours


@pytest.fixture
def both(tmp_path, bindir):
    return Both(tmp_path, bindir)


PLACES = ["small-stack", "handlers", "storm", "processes", "threads"] + [
    "many-threads", "closed", "strict", "filtered", "few-files", "short-files"
]


@pytest.mark.parametrize("compiler", ["cc", "i686-linux-gnu-gcc", "musl-gcc"])
@pytest.mark.parametrize("name", PLACES)
def test_places(both, compiled, name, compiler):
    bare, ours = both.same(f"{compiled(compiler)} {name}")
    assert ours.stderr == bare.stderr


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("kind", ["address", "thread", "leak", "undefined"])
@pytest.mark.parametrize("name", ["storm", "threads"])
def test_sanitizers(both, compiled, compiler, kind, name):
    program = compiled(compiler, f"-fsanitize={kind}")
    bare, ours = both.same(f"{program} {name}")
    assert ours.stderr == bare.stderr


@pytest.mark.parametrize("name", ["storm", "threads"])
def test_a_sanitizer_in_32_bits(both, compiled, name):
    flags = ["-fsanitize=address", "-static-libasan"]
    bare, ours = both.same(f"{compiled('i686-linux-gnu-gcc', *flags)} {name}")
    assert (bare.returncode, ours.stderr) == (0, bare.stderr)


def test_shared_sanitizer_runtime(both, compiled):
    program = compiled("clang", "-fsanitize=address", "-shared-libasan")
    where = subprocess.run(
        ["clang", "-print-file-name=libclang_rt.asan-x86_64.so"],
        capture_output=True,
        text=True,
    ).stdout.strip()
    env = {"LD_LIBRARY_PATH": os.path.dirname(where)}
    both.same(f"{program} threads", env)


def test_valgrind(both, compiled):
    program = compiled("cc")
    both.same(f"valgrind -q --error-exitcode=9 {program} threads")


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize(
    "library",
    ["libjemalloc.so.2", "libtcmalloc_minimal.so.4", "libeatmydata.so"]
    + ["faketime/libfaketime.so.1"],
)
def test_other_preloads(both, compiled, library, order):
    path = LIBRARIES / library
    if not path.exists():
        pytest.skip(f"NOT INSTALLED: {library}")
    command = f"{compiled('cc')} storm; cp /etc/hostname out/a; ls out | wc -l"
    if order == "before":
        both.same(command, {"LD_PRELOAD": str(path)})
    else:
        both.same(f"LD_PRELOAD={path} sh -c '{command}'")


@pytest.mark.parametrize("where", ["around", "within"])
def test_an_audit_library(both, compiled, tmp_path, where):
    library = tmp_path / "audit.so"
    source = ROOT / "tests/truth/programs/audit.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    command = f"{compiled('cc')} storm; cp /etc/hostname out/a; ls out | wc -l"
    if where == "around":
        bare, ours = both.same(command, {"LD_AUDIT": str(library)})
    else:
        bare, ours = both.same(f"LD_AUDIT={library} sh -c '{command}'")
    assert ours.stderr == bare.stderr


@pytest.mark.parametrize("tool", ["fakeroot", "eatmydata", "faketime -f +1d"])
def test_tools_around_and_within(both, compiled, tool):
    if not shutil.which(tool.split()[0]):
        pytest.skip(f"NOT INSTALLED: {tool}")
    command = f"{compiled('cc')} storm; cp /etc/hostname out/a; id -u"
    both.same(f"{tool} sh -c '{command}'")
    shutil.rmtree(both.base / "bare")
    shutil.rmtree(both.base / "ours")
    both.same(command, around=tool.split())


@pytest.mark.parametrize(
    "flags",
    [
        '--unshare-all --ro-bind / / --bind "$PWD" "$PWD" --dev /dev --proc /proc',
        "--unshare-pid --dev-bind / /",
    ],
)
def test_a_sandbox_within(both, flags):
    if not shutil.which("bwrap"):
        pytest.skip("NOT INSTALLED: bwrap")
    bare, ours = both.same(f"bwrap {flags} sh -c 'echo x >out/a; cat out/a'")
    assert (bare.stdout, ours.stderr) == ("x\n", bare.stderr)


@pytest.mark.parametrize("kib", [30000, 60000, 200000])
def test_little_address_space(both, compiled, kib):
    """Of CMD alone: the limit comes within."""
    command = f"ulimit -v {kib}; {compiled('cc')} memory; cp /etc/hostname out/"
    both.same(command)


def test_little_of_everything_around(both, compiled):
    """kmlflow itself lives under them too, and must not stand in the way."""
    program = compiled("cc")
    both.same(f"{program} memory", around=["prlimit", "--as=500000000"])


def test_file_size_limit(both):
    command = "ulimit -f 1; head -c 9999 /dev/zero >out/a; echo $?; true >out/b"
    both.same(command)


@pytest.mark.parametrize("blocks", [8, 100])
def test_file_size_limit_around(both, blocks):
    """What is too large for a limit of CMD's must not end kmlflow."""
    command = "true >out/a; kill -l >out/b; exit 7"
    around = ["sh", "-c", f'ulimit -f {blocks}; exec "$0" "$@"']
    both.same(command, around=around)


def test_too_little_for_a_run_is_refused(both):
    """Nothing has been started, and we do not die of it."""
    around = ["sh", "-c", 'ulimit -f 0; exec "$0" "$@"']
    r, files = both.run(
        "ours", [*around, "kmlflow", "exec", "-q", "--", "touch", "out/a"], {}
    )
    assert (r.returncode, files) == (125, [])
    assert "File too large" in r.stderr


@pytest.mark.parametrize("number", [12, 20])
def test_few_files_around(both, compiled, number):
    around = ["sh", "-c", f'ulimit -n {number}; exec "$0" "$@"']
    both.same(f"{compiled('cc')} storm", around=around)


def test_signals_end_it(both):
    for signal in ("KILL", "SEGV", "TERM"):
        shutil.rmtree(both.base / "bare", ignore_errors=True)
        shutil.rmtree(both.base / "ours", ignore_errors=True)
        both.same(f"echo >out/a; kill -{signal} $$")


@root
def test_full_shared_memory(both):
    check(
        both,
        ["unshare", "-m", "sh", "-c"],
        "mount -t tmpfs -o size=64k none /dev/shm;"
        "head -c 99999 /dev/zero >/dev/shm/full 2>/dev/null;",
    )


NO_SHM = [
    "umount -l /dev/shm;",
    "mount -t tmpfs -o ro none /dev/shm;",
    "mount -t tmpfs none /dev; mknod -m 666 /dev/null c 1 3;",
]


@root
@pytest.mark.parametrize("before", NO_SHM, ids=["none", "read-only", "no-dev"])
def test_no_shared_memory(both, before):
    check(both, ["unshare", "-m", "sh", "-c"], before)


@root
def test_a_home_that_is_read_only(both):
    home = both.base / "home"
    home.mkdir()
    before = f"mount -t tmpfs -o ro none {home}; export HOME={home};"
    check(both, ["unshare", "-m", "sh", "-c"], before)


@root
def test_no_proc(both):
    check(both, ["unshare", "-m", "sh", "-c"], "umount -l /proc;")


@root
def test_full_disk(both, tmp_path):
    """Neither CMD's own files nor the spool nor the store have room."""
    place = tmp_path / "disk"
    place.mkdir()
    check(
        both,
        ["unshare", "-m", "sh", "-c"],
        f"mount -t tmpfs -o size=1m none {place} && cd {place} && mkdir out;",
        "head -c 2000000 /dev/zero >out/a; echo $?; echo >out/b; echo $?",
        {
            "KMLFLOW_SPOOL_DIR": str(place / "spools"),
            "MLFLOW_TRACKING_URI": str(place / "store"),
        },
    )


LIST = "echo >out/a; cp out/a out/b; ls out"


def check(both, around, before, command=LIST, env=None):
    """As Both.same(), where the place is made by a shell around it all."""
    expected = None
    for name, prefix in (
        ("bare", ""),
        ("ours", "kmlflow exec -q -a 'out/**' -- "),
    ):
        script = f"{before} {prefix}sh -c '{command}'"
        r, files = both.run(name, [*around, script], env or {})
        end = (r.returncode, r.stdout, files)
        expected = expected or end
        assert end == expected, r.stderr
