"""A build is skipped exactly while its sources stay the same."""

from pathlib import Path

import pytest

from deploy.local import builds
from deploy.local.digests import digest


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    (folder / "src").mkdir(parents=True)
    (folder / "package-lock.json").write_text("{}")
    (folder / "src" / "main.ts").write_text("1")
    return folder


def test_a_changed_renamed_or_new_source_changes_the_digest(package: Path) -> None:
    seen = {digest(package)}
    (package / "src" / "main.ts").write_text("2")
    seen.add(digest(package))
    (package / "src" / "main.ts").rename(package / "src" / "index.ts")
    seen.add(digest(package))
    (package / "src" / "empty.ts").touch()
    seen.add(digest(package))
    assert len(seen) == 4


def test_what_a_build_makes_does_not_change_the_digest(package: Path) -> None:
    before = digest(package)
    for made in ("dist", "node_modules", "__pycache__"):
        (package / made).mkdir()
        (package / made / "out.js").write_text("x")
    assert digest(package) == before


def test_a_package_is_built_again_only_when_its_sources_changed(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []

    def npm(command: tuple[str, ...], *, cwd: Path, env: object, what: str) -> str:
        ran.append(" ".join(command[1:3]))
        (cwd / "node_modules").mkdir(exist_ok=True)
        (cwd / "dist").mkdir(exist_ok=True)
        return ""

    monkeypatch.setattr(builds, "run", npm)
    monkeypatch.setattr(builds, "ROOT", tmp_path)
    monkeypatch.setattr(builds, "VENV_BIN", tmp_path / "bin")
    assert builds.build(package, {})
    assert not builds.build(package, {})
    assert ran == ["ci --no-audit", "run build"]
    (package / "src" / "main.ts").write_text("2")
    assert builds.build(package, {})
    assert ran == ["ci --no-audit", "run build", "run build"]
