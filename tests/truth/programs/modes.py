# SPDX-License-Identifier: MIT
"""Every way in which CPython writes a file, one file each below out/."""

import bz2
import csv
import gzip
import io
import json
import lzma
import mmap
import os
import pathlib
import pickle
import shelve
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import zipfile


def child(name):
    with open(f"out/{name}", "w") as f:
        f.write(name)


def plain():
    for mode in ("w", "wb", "x", "a", "ab", "w+", "wb+"):
        with open(f"out/open-{mode}", mode) as f:
            f.write("1" if "b" not in mode else b"1")
    for mode in ("r+", "rb+"):
        with open("out/old-" + mode, mode) as f:
            f.write("2" if "b" not in mode else b"2")
    with io.open("out/io", "w", buffering=1) as f:
        f.write("line\n")
    fd = os.open("out/os-open", os.O_CREAT | os.O_WRONLY | os.O_EXCL)
    os.write(fd, b"x")
    os.close(fd)
    pathlib.Path("out/pathlib").write_text("x")
    pathlib.Path("out/touched").touch()
    print("x", file=open("out/print", "w"))
    os.truncate("out/old-truncate", 1)
    d = os.open("out", os.O_RDONLY)
    os.close(os.open("dirfd", os.O_CREAT | os.O_WRONLY, dir_fd=d))
    os.rename("dirfd", "dirfd-2", src_dir_fd=d, dst_dir_fd=d)


def formats():
    pickle.dump([1], open("out/pickle", "wb"))
    json.dump({}, open("out/json", "w"))
    csv.writer(open("out/csv", "w")).writerow([1])
    for module in (gzip, bz2, lzma):
        with module.open(f"out/{module.__name__}", "wb") as f:
            f.write(b"x" * 1000)
    with zipfile.ZipFile("out/zip", "w") as z:
        z.writestr("a", "b")
    zipfile.ZipFile("out/zip").extractall("out/unzipped")
    with tarfile.open("out/tar", "w:gz") as t:
        t.add("out/json")
    with sqlite3.connect("out/sqlite") as db:
        db.execute("create table t (x)")
    with shelve.open("out/shelf") as s:
        s["a"] = 1
    with open("out/mapped", "wb+") as f:
        f.truncate(4096)
        mmap.mmap(f.fileno(), 4096)[:4] = b"abcd"
    with open("out/old-mapped", "rb+") as f:
        mmap.mmap(f.fileno(), 0)[:1] = b"z"


def names():
    with tempfile.NamedTemporaryFile("w", dir="out", delete=False) as f:
        f.write("x")
    os.replace(f.name, "out/replaced")
    with tempfile.NamedTemporaryFile("w", dir=".", delete=False) as f:
        f.write("x")
    shutil.move(f.name, "out/moved")
    os.link("out/moved", "out/linked")
    os.symlink("moved", "out/symlinked")
    shutil.copy("out/json", "out/copied")
    shutil.copy2("out/json", "out/copied2")
    shutil.copytree("out/unzipped", "out/tree")
    os.sendfile(
        os.open("out/sent", os.O_CREAT | os.O_WRONLY),
        os.open("out/json", os.O_RDONLY),
        0,
        2,
    )
    os.makedirs("dir/deep")
    child("../dir/deep/f")
    os.rename("dir", "out/renamed-dir")


def children():
    subprocess.run("echo > out/shell", shell=True)
    subprocess.run(["cp", "out/json", "out/no-env"], env={})
    subprocess.run(["true"], stdout=open("out/stdout", "w"))
    os.system("echo > out/system")
    os.popen("echo > out/popen").read()
    actions = [(os.POSIX_SPAWN_OPEN, 1, "out/spawned", os.O_CREAT | 1, 0o644)]
    pid = os.posix_spawn("/bin/echo", ["echo"], {}, file_actions=actions)
    os.waitpid(pid, 0)
    if os.fork() == 0:
        child("forked")
        os._exit(0)
    os.wait()
    child("exit")
    sys.stdout.flush()


if __name__ == "__main__":
    plain()
    formats()
    names()
    children()
