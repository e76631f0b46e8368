# SPDX-License-Identifier: MIT
"""The programs of the truth table."""

import os
import sys
from dataclasses import dataclass, field

PYTHON = sys.executable
BUSYBOX = "/usr/bin/busybox"
UNSEEN = "a writer was not seen"
ABSENT = "did not load the library"
STATIC = "static program"


@dataclass
class Case:
    """'command' is a shell's: $P is programs/, $X what was built first."""

    name: str
    command: str
    needs: tuple = ()  # programs, or modules of Python
    build: str = ""
    root: bool = False
    env: dict = field(default_factory=dict)  # of kmlflow; {empty}: see there
    # What the tag must say, if it cannot be complete.
    blind: str = ""


def probe(name, blind="", **kw):
    return Case(f"C {name}", f'"$X" {name}', build="probes", blind=blind, **kw)


RUNTIMES = [
    Case("CPython modes", f"{PYTHON} $P/modes.py"),
    Case("CPython fork", f"{PYTHON} $P/processes.py fork"),
    Case("CPython spawn", f"{PYTHON} $P/processes.py spawn"),
    Case("CPython forkserver", f"{PYTHON} $P/processes.py forkserver"),
    *(
        Case(f"CPython {m}", f"{PYTHON} $P/science.py {m}", needs=(m,))
        for m in ("numpy", "pandas", "joblib", "matplotlib", "h5py")
    ),
    Case("Node", "node $P/modes.js", needs=("node",)),
    Case(
        "Node io_uring",
        "UV_USE_IO_URING=1 node $P/modes.js",
        needs=("node",),
        blind=UNSEEN,
    ),
    Case("Java", "java -cp $X Modes", build="java"),
    Case("Rust", "$X", build="modes-rs"),
    Case("Rust static", "$X", build="modes-rs-fixed", blind=STATIC),
    Case("Go static", "$X", build="modes-go", blind=STATIC),
    Case("Go cgo", "$X", build="cgo", blind=UNSEEN),
    Case("C++", "$X", build="modes-cc"),
    Case("Fortran", "$X", build="modes-f90"),
    Case("R", "Rscript $P/modes.R", needs=("Rscript",)),
    Case("Octave", "octave-cli $P/modes.m", needs=("octave-cli",)),
    Case("Perl", "perl $P/modes.pl", needs=("perl",)),
    Case("Ruby", "ruby $P/modes.rb", needs=("ruby",)),
    Case("PHP", "php $P/modes.php", needs=("php",)),
    Case("Lua", "lua5.4 $P/modes.lua", needs=("lua5.4",)),
    Case("Tcl", "tclsh $P/modes.tcl", needs=("tclsh",)),
    Case("OCaml", "ocaml $P/modes.ml", needs=("ocaml",)),
    Case("make -j", "make -s -j4 -f $P/Makefile"),
    Case("bash, 40 tools", "bash $P/tools.sh"),
    Case("dash, 40 tools", "dash $P/tools.sh", needs=("dash",)),
]

PROBES = [
    *(
        probe(name)
        for name in ("tmpfile", "renames", "directories", "threads")
        + ("copies", "names", "deep", "times")
    ),
    # A name relative to a directory that only the child will be in, and
    # names that lead through symbolic links elsewhere.
    probe("spawn", blind=UNSEEN),
    probe("links", blind=UNSEEN),
    probe("handle", root=True),
    probe("uring", blind=UNSEEN),
    probe("inline", blind=UNSEEN),
    probe("dlmopen", blind=UNSEEN),
]

CTYPES = (
    f"{PYTHON} -c \"import ctypes as c, os; f = c.CDLL('libc.so.6'); "
    "f.creat(b'out/a', 420); d = c.CDLL('libc.so.6', mode=os.RTLD_DEEPBIND); "
    "d.creat(b'out/b', 420)\""
)

# Twice, and in between as a child that gets no environment.
SMALL = '"$X"; rm -r out/[!o]*; env -i PATH=/bin "$X"'
SHELL = "sh -c 'echo >out/a; cp out/a out/b'"

ROUTES = [
    Case(
        "static glibc",
        '"$X" renames links directories copies',
        build="fixed",
        blind=STATIC,
    ),
    Case("32-bit", SMALL, build="small-32"),
    Case(
        "32-bit, no library",
        SMALL,
        build="small-32",
        env={"KMLFLOW_PRELOAD": "{empty}/$LIB/kmlflow.so"},
        blind="program of another architecture",
    ),
    Case("musl", SMALL, build="musl"),
    Case(
        "LD_AUDIT",
        'LD_AUDIT="$X" sh -c "echo >out/a; cp out/a out/b"; env LD_AUDIT="$X"'
        " env -i /bin/cp out/a out/c",
        build="audit",
    ),
    Case("musl static", "$X", build="musl-fixed", blind=STATIC),
    Case(
        "busybox",
        f"{BUSYBOX} sh -c 'echo >out/a; cp out/a out/b; mv src out/c;"
        " sed -i s/old/new/ out/old-sh; tar cf out/t out/a'",
        needs=(BUSYBOX,),
        blind=STATIC,
    ),
    Case("env -i", "env -i /bin/sh -c 'echo >out/a; /bin/cp out/a out/b'"),
    Case("unset", "unset LD_PRELOAD KMLFLOW_IMAGE; echo >a; cp a out/b"),
    Case("ctypes on libc", CTYPES, blind=UNSEEN),
    Case(
        "setuid",
        "cp /bin/cp mycp; chown 65534 mycp; chmod 4755 mycp;"
        "./mycp src/f out/a; echo >out/b",
        root=True,
        blind="setuid program",
    ),
    Case(
        "file capabilities",
        "cp /bin/cp mycp; setcap cap_chown+ep mycp;"
        "setpriv --reuid=65534 --clear-groups ./mycp src/f out/a",
        needs=("setcap", "setpriv"),
        root=True,
        blind="program with capabilities",
    ),
    Case(
        "su",
        "su -s /bin/sh -c 'echo >out/a; cp out/a out/b'",
        root=True,
    ),
    Case(
        "su to another",
        "su nobody -s /bin/sh -c 'echo >out/a; cp out/a out/b'",
        root=True,
        blind=ABSENT,
    ),
    Case("sudo", f"sudo -n {SHELL}", needs=("sudo",), root=True),
    Case(
        "sudo to another",
        f"sudo -n -u nobody {SHELL}",
        needs=("sudo",),
        root=True,
        blind=ABSENT,
    ),
    Case(
        "chroot",
        f"cp {BUSYBOX} bb; chroot . ./bb cp src/f out/a; echo >out/b",
        needs=(BUSYBOX,),
        root=True,
        blind="bb",
    ),
    Case("unshare -rm", "unshare -rm sh -c 'echo >out/a; cp out/a out/b'"),
    Case(
        "bind mount",
        "mkdir m; unshare -m sh -c 'mount --bind out m; echo >m/a; cp m/a m/b'",
        root=True,
        blind=UNSEEN,
    ),
    Case(
        "bwrap",
        "bwrap --dev-bind / / --unshare-pid sh -c 'echo >out/a; cp out/a out/b'",
        needs=("bwrap",),
    ),
    Case(
        "bwrap, other /dev",
        'bwrap --unshare-all --ro-bind / / --bind "$PWD" "$PWD" --dev /dev '
        "--proc /proc sh -c 'echo >out/a; cp out/a out/b'",
        needs=("bwrap",),
        blind=ABSENT,
    ),
    Case("fakeroot", "fakeroot cp src/f out/a", needs=("fakeroot",)),
    Case(
        "valgrind",
        "valgrind -q cp src/f out/a",
        needs=("valgrind",),
        blind=STATIC,
    ),
]

CASES = [c for c in RUNTIMES + PROBES + ROUTES if not c.root or not os.geteuid()]
