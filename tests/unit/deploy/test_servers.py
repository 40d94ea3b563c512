"""The servers' configurations follow the ports and survive odd folders."""

import base64
from pathlib import Path
from xml.etree import ElementTree

from deploy.local.servers import clickhouse, kafka, redis


def properties(text: str) -> dict[str, str]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_kafka_listens_and_advertises_on_its_port_of_loopback_only() -> None:
    found = properties(kafka.render(broker=19092, controller=19093))
    assert found["advertised.listeners"] == "PLAINTEXT://127.0.0.1:19092"
    assert found["listeners"] == "PLAINTEXT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19093"
    assert found["controller.quorum.voters"] == "1@127.0.0.1:19093"
    assert found["auto.create.topics.enable"] == "false"
    assert not any("{" in value for value in found.values())


def test_a_cluster_id_is_sixteen_bytes_as_kafka_writes_them() -> None:
    made = kafka.cluster_id()
    assert len(base64.urlsafe_b64decode(f"{made}==")) == 16
    assert made != kafka.cluster_id()


def test_a_cluster_id_is_never_taken_for_an_option() -> None:
    """One in 64 random ones would be; among 1,000 none may."""
    assert not [made for made in (kafka.cluster_id() for _ in range(1_000)) if made[0] == "-"]


def test_kafkas_command_names_no_folder_so_any_path_will_do() -> None:
    command = kafka.program(Path("/a b:c/home"), 9092).command
    class_path = command[command.index("-cp") + 1]
    assert class_path.startswith("lib-")
    assert "/a b" not in " ".join(command).replace(Path(__file__).parents[3].as_uri(), "")


def test_redis_keeps_every_second_on_disk_and_stays_on_loopback() -> None:
    lines = redis.render(16379).splitlines()
    assert {"port 16379", "bind 127.0.0.1", "appendonly yes", "appendfsync everysec"} <= set(lines)


def test_clickhouse_listens_on_loopback_and_its_folder_may_hold_any_character() -> None:
    tree = ElementTree.fromstring(clickhouse.render(Path("/a & <b>"), native=1, http=2))
    assert tree.findtext("listen_host") == "127.0.0.1"
    assert (tree.findtext("tcp_port"), tree.findtext("http_port")) == ("1", "2")
    assert tree.findtext("path") == "/a & <b>/data/"


def test_the_reader_may_change_nothing_and_has_limits(tmp_path: Path) -> None:
    clickhouse.prepare(tmp_path, native=1, http=2)
    users = ElementTree.parse(tmp_path / "clickhouse" / "users.xml")
    assert users.findtext("users/reader/profile") == "reader"
    assert users.findtext("profiles/reader/readonly") == "2"
    for limit in ("max_execution_time", "max_memory_usage", "max_rows_to_read", "max_result_rows"):
        assert int(users.findtext(f"profiles/reader/{limit}") or 0) > 0
