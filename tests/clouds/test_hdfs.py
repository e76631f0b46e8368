# SPDX-License-Identifier: MIT
"""A Hadoop file system, as its public document describes it."""

import os

import pytest
from answers import Fake
from webhdfs import Cluster

NAMES = [
    "plain.txt",
    "deep/er/file.bin",
    "with space.txt",
    "plus+and&more=?.csv",
    "per%cent%20.json",
    "#hash;semi,comma",
    "täst/日本語.md",
    "[b]{c}|^",
]


@pytest.fixture
def cluster(client):
    cluster = Cluster()
    client.env["KMLFLOW_WEBHDFS_URL"] = cluster.url
    client.env["HADOOP_USER_NAME"] = "me & you"
    yield cluster
    cluster.close()


URI = "hdfs://name-node:8020/exp/run"


@pytest.mark.parametrize("name", NAMES)
def test_names(client, cluster, name):
    client.put(URI, name.encode(), name)
    assert cluster.files == {f"/exp/run/{name}": name.encode()}
    assert cluster.users == {"me & you"}


@pytest.mark.parametrize("size", [0, 1, 9 << 20])
def test_sizes(client, cluster, size):
    data = os.urandom(size)
    client.put(URI, data, "a")
    assert cluster.files == {"/exp/run/a": data}


def test_bytes_go_to_a_data_node(client, cluster):
    client.put(URI, b"x", "a")
    assert [(verb, data) for verb, _, data in cluster.requests] == [
        ("PUT CREATE", False), ("PUT CREATE", True), ("PUT RENAME", False),
    ]


@pytest.mark.parametrize("gateway", [False, True])
def test_replaced(client, cluster, gateway):
    cluster.is_gateway = gateway
    client.put(URI, b"old", "a")
    client.put(URI, b"new", "a")
    assert cluster.files == {"/exp/run/a": b"new"}


def test_directory_in_the_way(client, cluster):
    client.put(URI, b"1", "a/b")
    said = client.refused(URI, b"2", "a")
    assert said.startswith("8:")  # a conflict
    assert cluster.files == {"/exp/run/a/b": b"1"}


@pytest.mark.parametrize("scheme", ["hdfs", "viewfs"])
def test_without_a_host(client, cluster, scheme):
    client.put(f"{scheme}:///exp", b"x", "a")
    assert cluster.files == {"/exp/a": b"x"}
    said = client.refused(f"{scheme}:///exp", b"x", "a",
                          KMLFLOW_WEBHDFS_URL=None)
    assert "KMLFLOW_WEBHDFS_URL" in said


def test_busy(client, cluster):
    left = [(503, "StandbyException")]
    cluster.refuse = lambda verb, path: left.pop() if left else None
    client.put(URI, b"x", "a")
    assert cluster.files == {"/exp/run/a": b"x"}


def test_answer_lost(client, cluster):
    """What has been named already is not named again."""
    cluster.hang_up = True
    client.put(URI, b"x", "a")
    assert cluster.files == {"/exp/run/a": b"x"}
    assert [verb for verb, _, _ in cluster.requests][-2:] == [
        "PUT RENAME", "GET GETFILESTATUS",
    ]


def test_may_not_write(client, cluster):
    cluster.refuse = lambda verb, path: (
        (403, "AccessControlException") if "CREATE" in verb else None)
    said = client.refused(URI, b"x", "a")
    assert "user 'me & you' may not write there" in said
    assert cluster.files == {}


def test_kerberos(client, cluster):
    cluster.refuse = lambda verb, path: (401, None)
    assert "Kerberos" in client.refused(URI, b"x", "a")


def test_not_webhdfs(client):
    fake = Fake()
    said = client.refused(URI, b"x", "a", KMLFLOW_WEBHDFS_URL=fake.url)
    fake.close()
    assert "names no node" in said


def site(directory, **properties):
    (directory / "hdfs-site.xml").write_text("<configuration>" + "".join(
        f"<property><name>{k.replace('_', '.')}</name>"
        f"<value>{v}</value></property>" for k, v in properties.items()
    ) + "</configuration>")
    return {"KMLFLOW_WEBHDFS_URL": None, "HADOOP_CONF_DIR": str(directory)}


def test_settings_of_the_cluster(client, cluster, tmp_path):
    address = cluster.url.split("//")[1]
    env = site(tmp_path, dfs_namenode_http_address=address)
    # The names have hyphens where Python has none.
    path = tmp_path / "hdfs-site.xml"
    path.write_text(path.read_text().replace("http.address", "http-address"))
    client.put(URI, b"x", "a", **env)
    assert cluster.files == {"/exp/run/a": b"x"}


def test_several_name_nodes(client, cluster, tmp_path):
    address = cluster.url.split("//")[1]
    env = site(tmp_path, dfs_ha_namenodes_name_node="nn1, nn2",
               dfs_namenode_http_address_name_node_nn1=address)
    path = tmp_path / "hdfs-site.xml"
    path.write_text(path.read_text().replace("http.address", "http-address")
                    .replace("name.node", "name-node"))
    client.put("hdfs://name-node/exp", b"x", "a", **env)
    assert cluster.files == {"/exp/a": b"x"}
