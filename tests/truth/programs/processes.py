# SPDX-License-Identifier: MIT
"""Processes and threads of CPython, each of which writes a file."""

import concurrent.futures
import multiprocessing
import os
import sys
import threading


def write(name):
    with open(f"out/{name}", "w") as f:
        f.write(name)


def leave(name):
    os.close(os.open(f"out/{name}", os.O_CREAT | os.O_WRONLY))
    os._exit(0)


if __name__ == "__main__":
    for method in sys.argv[1:]:
        context = multiprocessing.get_context(method)
        p = context.Process(target=leave, args=(f"{method}-process",))
        p.start()
        p.join()
        with context.Pool(2) as pool:
            pool.map(write, [f"{method}-pool-{i}" for i in range(4)])
        with concurrent.futures.ProcessPoolExecutor(
            2, mp_context=context
        ) as e:
            list(e.map(write, [f"{method}-executor-{i}" for i in range(4)]))
    threads = [
        threading.Thread(target=write, args=(f"thread-{i}",)) for i in range(8)
    ]
    [t.start() for t in threads]
    [t.join() for t in threads]
