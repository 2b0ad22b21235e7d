"""axe-core's verdict on a page: nothing that keeps people out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import Page

_AXE = Path(__file__).parent / "interop/js/node_modules/axe-core/axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


async def complaints(page: Page) -> list[str]:
    """Each rule broken, and where. The page's own policy stays as strict as it is."""
    assert _AXE.exists(), "this test needs axe-core: make interop-setup"
    # Through the debugger, past the page's policy, which lets no foreign script in.
    await page.evaluate(_AXE.read_text() + ";0")
    found: dict[str, Any] = await page.evaluate(
        "rules => axe.run(document, {runOnly: rules})", _RULES
    )
    return [
        f"{broken['id']}: {node['html'][:200]}"
        for broken in found["violations"]
        for node in broken["nodes"]
    ]
