# SPDX-License-Identifier: MIT
"""A Kedro project with as many datasets as wanted, in files and environments.

Of ten datasets two are plain, two come by an anchor, one by a metadata entry,
and five are wrapped to become artifacts: two files, a versioned one, a
directory of partitions, one at an interpolated path.  Every tenth has another
entry in the chosen environment.  Ten patterns stand beside them.
"""
import os

ARTIFACT = "kedro_mlflow.io.artifacts.MlflowArtifactDataset"
HEAD = ("_csv: &csv\n  type: pandas.CSVDataset\n"
        "  load_args: {sep: ',', index_col: 0}\n")


def wrapped(name, type_, path, *lines):
    return (f"{name}:\n  type: {ARTIFACT}\n  artifact_path: results\n"
            f"  dataset:\n    type: {type_}\n    {path}\n" +
            "".join(f"    {line}\n" for line in lines))


def entry(i, where):
    name, path = f"layer{i % 7}.table_{i}", f"{where}/{i % 7}/table_{i}"
    kind = i % 10
    if kind < 2:
        return (f"{name}:\n  type: pandas.CSVDataset\n"
                f"  filepath: {path}.csv\n  load_args:\n    sep: ','\n")
    if kind < 4:
        return f"{name}:\n  <<: *csv\n  filepath: {path}.csv\n"
    if kind == 4:
        return (f"{name}:\n  type: json.JSONDataset\n"
                f"  filepath: {path}.json\n  metadata:\n"
                "    kmlflow: {artifact: true}\n    owner: someone\n")
    if kind == 5:
        return wrapped(name, "pickle.PickleDataset",
                       f"filepath: {path}.pkl", "versioned: true")
    if kind == 6:
        return wrapped(name, "partitions.PartitionedDataset",
                       f"path: {path}", "dataset: pandas.CSVDataset",
                       "filename_suffix: .csv")
    if kind == 7:
        return wrapped(name, "json.JSONDataset",
                       f"filepath: ${{globals:root}}/{i}.json")
    return wrapped(name, "pandas.ParquetDataset",
                   f"filepath: {path}.parquet",
                   "save_args: {index: false, compression: snappy}")


def pattern(i):
    return wrapped(f"'{{part}}_of_{i}'", "json.JSONDataset",
                   f"filepath: 'data/parts/{i}/{{part}}.json'")


def write(root, path, text):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


def catalog(root, env, numbers, files):
    """The datasets in 'files' files of about as many entries each."""
    where = "data" if env == "base" else f"data/{env}"
    for part in range(files):
        text = HEAD + "".join(entry(i, where) for i in numbers[part::files])
        if env == "base" and part == 0:
            text += "".join(pattern(i) for i in range(10))
        name = f"catalog/part_{part:02d}.yml" if part else "catalog.yml"
        write(root, f"conf/{env}/{name}", text)


def make(root, count, version):
    """'count' datasets in 20 files of base, prod and local."""
    write(root, "pyproject.toml", "[tool.kedro]\npackage_name = 'demo'\n"
          f"project_name = 'demo'\nkedro_init_version = '{version}'\n"
          "source_dir = 'src'\n")
    catalog(root, "base", range(count), 10)
    catalog(root, "prod", range(0, count, 10), 3)
    write(root, "conf/local/catalog.yml", "_nothing: 0\n")
    write(root, "conf/local/credentials.yml", "")
    write(root, "conf/base/globals.yml", "root: data\n")
    write(root, "conf/prod/globals.yml", "root: data/prod\n")
    write(root, "conf/base/mlflow.yml", "tracking:\n  experiment:\n"
          "    name: bench\n  params:\n    dict_params: {flatten: true}\n")
    write(root, "conf/base/parameters.yml", "".join(
        f"model_{i}: {{rate: 1e-{i % 9}, depth: {i}, names: [a, b]}}\n"
        for i in range(max(count // 50, 1))))
    write(root, "conf/prod/parameters.yml", "model_0: {rate: 2}\n")
