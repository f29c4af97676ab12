"""The HTTP client against a hostile server (docs/nasty-cases.md: 7, 10-14, 16, 17, 21, 49)."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from backend import clock
from backend.errors import SourceChangedError, SourceRefusedError, SourceTemporaryError
from backend.sources.http.client import RatePolicy, SourceClient, open_client, parse_retry_after
from backend.sources.http.redirects import check_redirect
from tests.sources.outside import Outside, Request, http


@pytest.fixture
async def client(outside: Outside) -> AsyncIterator[SourceClient]:
    async with open_client("demo", outside.url, RatePolicy(2, 10_000)) as client:
        yield client


async def test_sends_validators_and_understands_304(outside: Outside, client: SourceClient) -> None:
    outside.replies["/feed"] = http(b"", status=304)
    answer = await client.get("feed", etag='"abc"', last_modified="Tue, 22 Sep 2026 05:00:00 GMT")
    sent = outside.requests[0].headers
    assert answer.not_modified
    assert (sent["if-none-match"], sent["if-modified-since"]) == ('"abc"', "Tue, 22 Sep 2026 05:00:00 GMT")
    assert sent["user-agent"].startswith("azak/")


async def test_server_error_is_retried_and_then_succeeds(outside: Outside, client: SourceClient) -> None:
    answers = iter([http(b"", status=500), http(b"ok")])
    outside.replies["/feed"] = lambda _: next(answers)
    assert (await client.get("feed")).body == b"ok"


async def test_server_error_that_stays_is_temporary(outside: Outside, client: SourceClient) -> None:
    outside.replies["/feed"] = http(b"", status=503)
    with pytest.raises(SourceTemporaryError, match="demo answered 503"):
        await client.get("feed")
    assert len(outside.requests) == 3


@pytest.mark.parametrize(("retry_after", "expected"), [("17", 17), (None, 60), ("864000", 86_400)])
async def test_case_7_429_is_not_retried_and_tells_the_pause(
    outside: Outside, client: SourceClient, retry_after: str | None, expected: int
) -> None:
    outside.replies["/feed"] = http(b"", status=429, **({"Retry_After": retry_after} if retry_after else {}))
    with pytest.raises(SourceTemporaryError) as caught:
        await client.get("feed")
    assert (caught.value.retry_after_s, len(outside.requests)) == (expected, 1)


def test_case_7_retry_after_as_a_date() -> None:
    pause = parse_retry_after(format_datetime(clock.now() + timedelta(seconds=100), usegmt=True))
    assert pause is not None
    assert 95 <= pause <= 100
    assert parse_retry_after("soon") is None
    assert parse_retry_after(format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)) == 0


@pytest.mark.parametrize("hostile", ["9" * 5_000, "Mon, 01 Jan 99999999999 00:00:00 GMT", "-1", "1e9"])
async def test_case_7_an_absurd_retry_after_costs_only_its_source(
    outside: Outside, client: SourceClient, hostile: str
) -> None:
    outside.replies["/feed"] = http(b"", status=429, Retry_After=hostile)
    with pytest.raises(SourceTemporaryError):
        await client.get("feed")


def test_case_7_digits_of_other_scripts_are_not_a_number() -> None:
    assert parse_retry_after("\u00b2") is None


@pytest.mark.parametrize("status", [401, 403])
async def test_refusals_are_not_retried(outside: Outside, client: SourceClient, status: int) -> None:
    outside.replies["/feed"] = http(b"", status=status)
    with pytest.raises(SourceRefusedError):
        await client.get("feed")
    assert len(outside.requests) == 1


async def test_case_10_wrong_content_length(outside: Outside, client: SourceClient) -> None:
    outside.replies["/feed"] = http(b"half", Content_Length="400")
    with pytest.raises(SourceTemporaryError):
        await client.get("feed")


async def test_case_10_cut_gzip(outside: Outside, client: SourceClient) -> None:
    outside.replies["/feed"] = http(gzip.compress(b"x" * 500)[:-12], Content_Encoding="gzip")
    with pytest.raises(SourceTemporaryError, match="half an archive"):
        await client.get("feed")


async def test_whole_gzip_is_unpacked(outside: Outside, client: SourceClient) -> None:
    outside.replies["/feed"] = http(gzip.compress("한글".encode()), Content_Encoding="gzip")
    assert (await client.get("feed")).body == "한글".encode()


async def test_case_11_connection_reset(outside: Outside, client: SourceClient) -> None:
    async def reset(writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    outside.raw["/feed"] = reset
    with pytest.raises(SourceTemporaryError):
        await client.get("feed")


def _drip(started: asyncio.Event) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
        started.set()
        while not writer.is_closing():
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.05)

    return drip


async def test_case_12_slow_drip_ends_at_the_total_deadline(outside: Outside) -> None:
    outside.raw["/feed"] = _drip(asyncio.Event())
    async with open_client("demo", outside.url, RatePolicy(0.5, 10_000)) as client:
        async with asyncio.timeout(2):
            with pytest.raises(SourceTemporaryError, match=r"within 0\.5 s"):
                await client.get("feed")


async def test_case_13_redirects_stay_on_the_host(outside: Outside, client: SourceClient) -> None:
    outside.replies["/here"] = http(b"", status=302, Location="/there")
    outside.replies["/there"] = http(b"found")
    outside.replies["/away"] = http(b"", status=302, Location="http://169.254.169.254/latest/meta-data")
    outside.replies["/loop"] = http(b"", status=302, Location="/loop")
    assert (await client.get("here")).body == b"found"
    with pytest.raises(SourceChangedError, match="another host"):
        await client.get("away")
    with pytest.raises(SourceChangedError, match="circle"):
        await client.get("loop")


@pytest.mark.parametrize("packed", [False, True])
async def test_case_14_body_above_the_cap(outside: Outside, client: SourceClient, packed: bool) -> None:
    body = b"0" * 5_000_000
    outside.replies["/feed"] = http(gzip.compress(body), Content_Encoding="gzip") if packed else http(body)
    with pytest.raises(SourceChangedError, match="more than 10000 bytes"):
        await client.get("feed")


async def test_case_17_dead_host_is_temporary() -> None:
    async with open_client("demo", "http://127.0.0.1:9", RatePolicy(2, 10)) as client:
        with pytest.raises(SourceTemporaryError, match="ConnectError"):
            await client.get("feed")


async def test_case_21_no_key_in_any_message(outside: Outside, client: SourceClient) -> None:
    def by_status(request: Request) -> bytes:
        return http(b"", status=int(request.query["status"]))

    outside.replies["/list"] = by_status
    for status in (400, 403, 404, 429, 500):
        with pytest.raises((SourceTemporaryError, SourceRefusedError, SourceChangedError)) as caught:
            await client.get("list", params={"crtfc_key": "s3cret", "status": str(status)}, headers={"k": "s3cret"})
        assert "s3cret" not in f"{caught.value!r}{caught.value.__context__!r}"


@pytest.fixture
async def reader(outside: Outside) -> AsyncIterator[SourceClient]:
    """A client that reads robots.txt before anything else."""
    async with open_client("demo", outside.url, RatePolicy(2, 10_000, obeys_robots=True)) as client:
        yield client


@pytest.mark.parametrize("status", [404, 403])
async def test_case_49_no_robots_txt_is_open_and_read_once(outside: Outside, reader: SourceClient, status: int) -> None:
    outside.replies["/robots.txt"] = http(b"", status=status)
    outside.replies["/feed"] = http(b"ok")
    assert [(await reader.get("feed")).body for _ in range(2)] == [b"ok", b"ok"]
    assert [request.path for request in outside.requests] == ["/robots.txt", "/feed", "/feed"]


async def test_case_49_robots_txt_that_fails_is_closed(outside: Outside, reader: SourceClient) -> None:
    outside.replies["/robots.txt"] = http(b"", status=503)
    outside.replies["/feed"] = http(b"ok")
    with pytest.raises(SourceTemporaryError, match="503"):
        await reader.get("feed")
    assert "/feed" not in {request.path for request in outside.requests}


async def test_case_49_what_robots_txt_forbids_is_not_asked(outside: Outside, reader: SourceClient) -> None:
    outside.replies["/robots.txt"] = http(b"User-agent: *\nDisallow: /*private\n")
    outside.replies["/feed"] = http(b"ok")
    assert (await reader.get("feed")).body == b"ok"
    with pytest.raises(SourceRefusedError, match=r"robots\.txt"):
        await reader.get("a/private/feed")


async def test_case_13_a_redirect_never_leads_inwards_nor_out_of_tls(outside: Outside) -> None:
    here = httpx.URL("https://www.paper.kr/feed")
    with pytest.raises(SourceChangedError, match="https to http"):
        await check_redirect("demo", here, httpx.URL("http://www.paper.kr/feed"), {"paper.kr"})
    with pytest.raises(SourceChangedError, match="another host"):
        await check_redirect("demo", here, httpx.URL("https://evil.kr/feed"), {"paper.kr"})
    with pytest.raises(SourceChangedError, match="another host"):
        await check_redirect("demo", here, httpx.URL("https://paper.kr:8443/feed"), {"paper.kr"})
    for inside in ("localhost", "127.0.0.1", "169.254.169.254", "10.0.0.8"):
        with pytest.raises(SourceChangedError, match="private address"):
            await check_redirect("demo", here, httpx.URL(f"https://{inside}/feed"), {inside})
    await check_redirect("demo", here, httpx.URL("https://www.paper.kr/new"), {"paper.kr"})


async def test_case_16_a_host_without_usable_tls_says_what_to_do(outside: Outside) -> None:
    async def alert(writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x15\x03\x01\x00\x02\x02\x46")  # fatal alert: protocol_version
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(lambda _, writer: alert(writer), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, open_client("demo", f"https://127.0.0.1:{port}", RatePolicy(2, 10_000)) as client:
        with pytest.raises(SourceChangedError, match="http://"):
            await client.get("feed")


async def test_a_pace_holds_for_all_clients_of_an_address(outside: Outside) -> None:
    outside.replies["/feed"] = http(b"ok")
    policy = RatePolicy(5, 10_000, requests_per_s=20)
    loop = asyncio.get_running_loop()
    begun = loop.time()

    async def ask(name: str) -> None:
        async with open_client(name, outside.url, policy) as client:
            await asyncio.gather(*(client.get("feed") for _ in range(4)))

    await asyncio.gather(ask("prices"), ask("headlines"))
    assert len(outside.requests) == 8
    assert loop.time() - begun >= 7 / 20 - 0.01  # eight requests have seven gaps
