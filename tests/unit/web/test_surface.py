from __future__ import annotations

import aiohttp

from bridges.web.app import serve
from bridges.web.health import Health
from bridges.web.metrics import Level, Metrics
from wecreate_module.settings import WebSettings

ANY_PORT = WebSettings(port=0)


async def get(port: int, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as answer,
    ):
        return answer.status, await answer.text()


async def test_health_is_200_when_all_parts_are_fine() -> None:
    health = Health()
    health.fine("homeserver")
    health.watch("database", lambda: None)
    async with serve(ANY_PORT, health, Metrics()) as port:
        status, text = await get(port, "/health")
    assert status == 200
    assert '"ok": true' in text


async def test_health_is_503_with_the_reason_when_one_part_is_not() -> None:
    health = Health()
    health.failed("homeserver", "no answer")
    health.fine("database")
    async with serve(ANY_PORT, health, Metrics()) as port:
        status, text = await get(port, "/health")
    assert status == 503
    assert '"reason": "no answer"' in text


def test_health_is_not_claimed_before_anything_is_known() -> None:
    assert Health().report()["ok"] is False


async def test_a_probe_that_breaks_is_an_answer() -> None:
    def broken() -> str | None:
        raise RuntimeError

    health = Health()
    health.watch("database", broken)
    assert health.report()["parts"]["database"]["ok"] is False


async def test_commands_and_levels_are_figures() -> None:
    metrics = Metrics()
    metrics.command("task done", ok=True, seconds=0.02)
    metrics.command("task done", ok=False, seconds=0.02)
    metrics.level(Level.OUTBOX_PENDING, lambda: 7)

    def broken() -> float:
        raise RuntimeError

    metrics.level(Level.SYNC_AGE, broken)
    async with serve(ANY_PORT, Health(), metrics) as port:
        status, text = await get(port, "/metrics")
    assert status == 200
    assert 'wecreate_commands_total{command="task done",outcome="ok"} 1.0' in text
    assert 'wecreate_commands_total{command="task done",outcome="refused"} 1.0' in text
    assert "wecreate_command_seconds_count 2.0" in text
    assert "wecreate_outbox_pending 7.0" in text
    assert "wecreate_sync_age_seconds NaN" in text


async def test_every_answer_is_guarded_those_to_nonsense_too() -> None:
    async with serve(ANY_PORT, Health(), Metrics()) as port, aiohttp.ClientSession() as session:
        for method, path in (("GET", "/f/nothing/here"), ("PUT", "/health"), ("GET", "/metrics")):
            async with session.request(method, f"http://127.0.0.1:{port}{path}") as answer:
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
                assert answer.headers["Referrer-Policy"] == "no-referrer"
