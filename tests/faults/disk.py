# SPDX-License-Identifier: MIT
"""What a disk holds after each of the calls that strace recorded.

A model of one file system, driven by a log of `strace -f -y`: names change at
once and in order, as a journal keeps them; data counts as on the disk only
from the next syncfs(2) or fdatasync(2) on.  whole() is the tree as the program saw it, lost()
the same names after the power went: of files that were written since, what
they held then.
"""

import copy
import os
import re
from pathlib import Path

CALLS = ("openat", "open", "creat", "write", "pwrite64", "ftruncate", "linkat",
         "rename", "renameat", "renameat2", "unlink", "unlinkat", "mkdir",
         "mkdirat", "rmdir", "symlink", "symlinkat", "syncfs", "exit_group",
         "copy_file_range", "sendfile", "link", "fsync", "fdatasync",
         "chdir", "fchdir")
LINE = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+)(?:<(.*)>)?", re.S)
UNFINISHED = re.compile(r"(\d+) +(\w+)\((.*) <unfinished \.\.\.>$", re.S)
RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)$", re.S)
ARGUMENT = re.compile(r'(?:\d+|AT_FDCWD)<((?:[^<>]|\\.)*)>|"((?:[^"\\]|\\.)*)"(\.\.\.)?'
                      r"|([^,\s][^,]*)")


def strace(log):
    """The command before the one that is to be recorded."""
    return ["strace", "-f", "-qq", "-y", "-s", "1048576", "-o", str(log), "-e",
            "trace=" + ",".join(CALLS)]


def plain(text):
    """The bytes that strace wrote with C's escapes."""
    return re.sub(
        rb"\\(?:([0-7]{1,3})|x([0-9a-f]{2})|(.))",
        lambda m: bytes([int(m[1], 8)]) if m[1] else
        bytes([int(m[2], 16)]) if m[2] else
        {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"v": b"\v",
         b"f": b"\f"}.get(m[3], m[3]), text.encode("latin-1"))


def calls(log):
    """(pid, name, [argument], result, path of the result), as they ended."""
    begun = {}
    for line in Path(log).read_bytes().decode("latin-1").splitlines():
        half = UNFINISHED.match(line)
        rest = RESUMED.match(line)
        if half:
            begun[half[1]] = f"{half[1]} {half[2]}({half[3]}"
            continue
        if rest:
            line = begun.pop(rest[1]) + rest[3]
        line = line.replace(">(deleted)", ">")
        found = LINE.match(line)
        if not found and "exit_group(" in line:
            yield line.split()[0], "exit_group", [], 0, None
        if not found or int(found[4]) < 0:
            continue
        arguments = []
        for path, text, cut, word in ARGUMENT.findall(found[3]):
            assert not cut, f"strace cut this short: {line[:200]}"
            arguments.append(plain(path or text) if not word else word)
        yield (found[1], found[2], arguments, int(found[4]),
               plain(found[5]) if found[5] else None)


class File:
    def __init__(self):
        self.data = b""
        self.synced = b""


class Disk:
    """Of what lies below 'root': b"path" -> File, None (a directory) or the
    text of a symbolic link."""

    def __init__(self, root, cwd):
        self.root = os.fsencode(root)
        self.cwd = os.fsencode(cwd)
        self.cwds = {}  # of processes that have moved
        self.names = {self.root: None}
        self.unnamed = {}
        self.waits = 0

    def copy(self):
        return copy.deepcopy(self)

    def _at(self, where, name):
        return os.path.normpath(os.path.join(where, name))

    def _ours(self, path):
        return path == self.root or path.startswith(self.root + b"/")

    def _file(self, path):
        """Behind a descriptor: a name, or one that has none."""
        if path in self.names:
            return self.names[path]
        return self.unnamed.get(path)

    def _open(self, path, flags, shown):
        if not self._ours(path):
            return
        if "O_TMPFILE" in flags:
            self.unnamed[shown] = File()
        elif "O_CREAT" in flags and path not in self.names:
            self.names[path] = File()
        elif "O_TRUNC" in flags and isinstance(self.names.get(path), File):
            self.names[path].data = b""

    def _move(self, old, new):
        for name in sorted(self.names):
            if name == old or name.startswith(old + b"/"):
                self.names[new + name[len(old):]] = self.names.pop(name)

    def apply(self, pid, name, a, result, shown):
        """Whether anything of ours has changed."""
        cwd = self.cwds.get(pid, self.cwd)
        before = self.names.copy()
        data = {p: f.data for p, f in self._files()}
        if name == "openat":
            self._open(self._at(a[0], a[1]), a[2], shown)
        elif name == "open":
            self._open(self._at(cwd, a[0]), a[1], shown)
        elif name == "creat":
            self._open(self._at(cwd, a[0]), "O_CREAT|O_TRUNC", shown)
        elif name in ("write", "pwrite64"):
            file = self._file(a[0]) if isinstance(a[0], bytes) else None
            if file:
                at = int(a[3]) if name == "pwrite64" else len(file.data)
                file.data = file.data[:at].ljust(at, b"\0") + \
                    a[1][:result] + file.data[at + result:]
        elif name == "ftruncate":
            file = self._file(a[0])
            if file:
                file.data = file.data[:int(a[1])].ljust(int(a[1]), b"\0")
        elif name in ("mkdir", "mkdirat"):
            path = self._at(a[0], a[1]) if name == "mkdirat" else \
                self._at(cwd, a[0])
            if self._ours(path):
                self.names[path] = None
        elif name in ("rmdir", "unlink", "unlinkat"):
            path = self._at(a[0], a[1]) if name == "unlinkat" else \
                self._at(cwd, a[0])
            self.names.pop(path, None)
        elif name in ("rename", "renameat", "renameat2"):
            old, new = (self._at(cwd, a[0]), self._at(cwd, a[1])) \
                if name == "rename" else \
                (self._at(a[0], a[1]), self._at(a[2], a[3]))
            self._move(old, new)
        elif name == "linkat":
            new = self._at(a[2], a[3])
            old = self._file(a[0]) if not a[1] else \
                self.names.get(self._at(a[0], a[1]))
            if self._ours(new) and old:
                self.names[new] = old
        elif name in ("symlink", "symlinkat"):
            path = self._at(a[1], a[2]) if name == "symlinkat" else \
                self._at(cwd, a[1])
            if self._ours(path):
                self.names[path] = a[0]
        elif name in ("chdir", "fchdir"):
            self.cwds[pid] = self._at(cwd, a[0])
        elif name in ("fsync", "fdatasync"):
            file = self._file(a[0])
            if file:
                file.synced = file.data
        elif name == "syncfs":
            self.waits += 1
            for _, file in self._files():
                file.synced = file.data
        elif name != "exit_group":
            raise AssertionError(f"not in the model: {name}{a}")
        return self.names != before or \
            data != {p: f.data for p, f in self._files()}

    def _files(self):
        return [(p, f) for p, f in
                [*self.names.items(), *self.unnamed.items()]
                if isinstance(f, File)]

    def _tree(self, content):
        return {p: content(f) if isinstance(f, File) else f
                for p, f in self.names.items()}

    def whole(self):
        return self._tree(lambda f: (f.data,))

    def lost(self):
        return self._tree(lambda f: (f.synced,))


def tree_of(root):
    """The same of a real directory."""
    root = os.fsencode(root)
    ret = {root: None}
    for where, dirs, files in os.walk(root):
        for name in dirs + files:
            path = os.path.join(where, name)
            if os.path.islink(path):
                ret[path] = os.readlink(path)
            elif os.path.isdir(path):
                ret[path] = None
            else:
                ret[path] = (Path(os.fsdecode(path)).read_bytes(),)
    return ret


def put_tree(tree):
    """Makes it so, where nothing is yet."""
    for path in sorted(tree):
        if tree[path] is None:
            os.makedirs(path, exist_ok=True)
        elif isinstance(tree[path], bytes):
            os.symlink(tree[path], path)
        else:
            with open(path, "wb") as f:
                f.write(tree[path][0])
