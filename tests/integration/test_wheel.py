"""The wheel holds all that runs: what git knows in the packages, and the rule packs."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("bots", "bridges", "wecreate_module")


def test_every_file_of_the_packages_and_every_rule_pack_is_in_the_wheel(tmp_path: Path) -> None:
    tree, out = tmp_path / "tree", tmp_path / "out"
    tree.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
    for folder in (*PACKAGES, "config"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=ignored)
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree / name)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "-w", str(out), str(tree)], check=True, capture_output=True)
    with zipfile.ZipFile(next(out.glob("*.whl"))) as wheel:
        held = set(wheel.namelist())
    files = [path for name in PACKAGES for path in (tree / name).rglob("*") if path.is_file()]
    assert {str(path.relative_to(tree)) for path in files} <= held
    packs = {path.name for path in (ROOT / "config/bodies").glob("*.yaml")}
    assert packs <= {Path(name).name for name in held if "share/wecreate/bodies/" in name}
