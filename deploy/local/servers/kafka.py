"""Apache Kafka: its jars through Maven, one formatted folder, one process."""

import base64
import hashlib
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploy.local.health import Health
from deploy.local.locks import alone
from deploy.local.program import Program
from deploy.local.settings import ROOT
from deploy.local.shell import run

_TEMPLATES: Final = ROOT / "deploy" / "local" / "kafka"
# The version is pinned, so that a new plugin never changes a build.
_COPY: Final = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
# Small heap, one collector thread, the quick compiler alone: 2 cores are shared by everything, and
# starting takes a third less of them.
_JVM: Final = (
    "-Xms128m",
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",
)


def jars(home: Path) -> Path:
    """The folder of jars that belongs to today's pom.xml."""
    digest = hashlib.sha256((_TEMPLATES / "pom.xml").read_bytes()).hexdigest()[:12]
    return home / "kafka" / f"lib-{digest}"


def fetch(home: Path, env: Mapping[str, str]) -> None:
    """Fetch the jars unless they are there; a fetch that was interrupted leaves no half folder."""
    lib = jars(home)
    if lib.exists():
        return
    lib.parent.mkdir(parents=True, exist_ok=True)
    draft = lib.with_suffix(".part")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copy(_TEMPLATES / "pom.xml", lib.parent)
    options = ("-DincludeScope=runtime", f"-DoutputDirectory={draft.name}")
    with alone("maven"):  # two at once would write into one cache
        run(("mvn", "-q", "-B", _COPY, *options), cwd=lib.parent, env=env, what="fetching Kafka")
    for old in lib.parent.glob("lib-*"):
        if old != draft:
            shutil.rmtree(old)
    draft.rename(lib)


def render(broker: int, controller: int) -> str:
    """server.properties for these ports."""
    template = (_TEMPLATES / "server.properties").read_text()
    return template.replace("{broker}", str(broker)).replace("{controller}", str(controller))


def cluster_id() -> str:
    """A new KRaft cluster id: 16 random bytes in URL-safe base64 without padding.

    Never one that begins with a dash, as Kafka's own ids: its tools would read it as an option.
    """
    while True:
        made = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not made.startswith("-"):
            return made


def _java(home: Path, *arguments: str) -> tuple[str, ...]:
    # Relative paths, for the class path knows no way to write a `:`.
    return ("java", *arguments, "-cp", f"{jars(home).name}/*")


def prepare(home: Path, ports: Mapping[str, int], env: Mapping[str, str]) -> None:
    """Write the configuration for these ports and format the folder once."""
    folder = home / "kafka"
    (folder / "server.properties").write_text(render(ports["kafka"], ports["kafka_controller"]))
    # What the compression libraries unpack; a killed server leaves it behind.
    shutil.rmtree(folder / "tmp", ignore_errors=True)
    (folder / "tmp").mkdir()
    if not (folder / "data" / "meta.properties").exists():
        tool = (*_java(home), "kafka.tools.StorageTool", "format")
        command = (*tool, "-t", cluster_id(), "-c", "server.properties")
        run(command, cwd=folder, env=env, what="formatting Kafka's folder")


def program(home: Path, port: int) -> Program:
    """Kafka as a supervised process."""
    logging = f"-Dlog4j2.configurationFile={(_TEMPLATES / 'log4j2.xml').as_uri()}"
    java = _java(home, *_JVM, "-Djava.io.tmpdir=tmp", logging)
    return Program(
        name="kafka",
        group="servers",
        command=(*java, "kafka.Kafka", "server.properties"),
        cwd=home / "kafka",
        health=Health("kafka", f"127.0.0.1:{port}"),
        stop_after_s=20,
    )
