"""What sources without KIS's token are asked, word by word: the stand-in answers whatever the question."""

from datetime import date
from typing import Any, cast

import pytest
from pydantic import SecretStr

from backend.config import SourceSettings
from backend.domain.outside.world import WorldSymbol
from backend.sources import dart, kis_master, naver_prices, naver_search, public_data
from backend.sources.http.client import SourceClient
from backend.sources.world import naver_world

FIRST, LAST = date(2026, 1, 5), date(2026, 12, 31)
KEY = SecretStr("s3cret")


class Asked:
    """Takes the questions of a source's client down: path, parameters, headers."""

    def __init__(self, source: str = "") -> None:
        self.source = source
        self.questions: list[tuple[str, dict[str, str]]] = []
        self.headers: list[dict[str, str]] = []

    async def get(
        self, path: str, *, params: dict[str, str] | None = None, headers: dict[str, str] | None = None, **_: Any
    ) -> Any:
        self.questions.append((path, params or {}))
        self.headers.append(headers or {})

    @property
    def client(self) -> SourceClient:
        return cast(SourceClient, self)


@pytest.fixture
def asked() -> Asked:
    return Asked()


async def test_naver_is_asked_for_days_of_a_span_and_for_thirty_quotes_in_a_path(asked: Asked) -> None:
    await naver_prices.fetch_daily(asked.client, "KOSPI", FIRST, LAST)
    await naver_prices.fetch_quotes(asked.client, ["005930", "0126Z0"])
    assert asked.questions == [
        ("siseJson.naver", {
            "symbol": "KOSPI", "requestType": "1", "startTime": "20260105", "endTime": "20261231", "timeframe": "day",
        }),
        ("api/realtime/domestic/stock/005930,0126Z0", {}),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("symbol", "path"),
    [
        (WorldSymbol.SP500, "index/.INX/price"),
        (WorldSymbol.NASDAQ, "index/.IXIC/price"),
        (WorldSymbol.SOX, "index/.SOX/price"),
        (WorldSymbol.USDKRW, "marketindex/exchange/FX_USDKRW/prices"),
    ],
)
async def test_naver_is_asked_for_the_newest_sixty_days_of_the_world(
    asked: Asked, symbol: WorldSymbol, path: str
) -> None:
    await naver_world.fetch_days(asked.client, symbol)
    assert asked.questions == [(path, {"page": "1", "pageSize": "60"})]


async def test_dart_is_asked_for_a_page_of_a_span_and_for_all_companies(asked: Asked) -> None:
    await dart.fetch_list(asked.client, KEY, FIRST, LAST, page=3)
    await dart.fetch_companies(asked.client, KEY)
    await dart.fetch_today(asked.client, etag=None, last_modified=None)
    assert asked.questions == [
        ("api/list.json", {
            "crtfc_key": "s3cret", "bgn_de": "20260105", "end_de": "20261231", "page_no": "3", "page_count": "100",
        }),
        ("api/corpCode.xml", {"crtfc_key": "s3cret"}),
        ("api/todayRSS.xml", {}),
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["a+b/c==", "a%2Bb%2Fc%3D%3D"])
async def test_data_go_kr_is_asked_with_either_form_of_its_key_up_to_the_day_after_the_last(
    asked: Asked, key: str
) -> None:
    await public_data.fetch_daily(asked.client, SecretStr(key), "005930", FIRST, LAST)
    assert asked.questions == [
        ("1160100/service/GetStockSecuritiesInfoService/getStockPriceInfo", {
            "serviceKey": "a+b/c==", "resultType": "json", "numOfRows": "1000", "pageNo": "1", "likeSrtnCd": "005930",
            "beginBasDt": "20260105", "endBasDt": "20270101",
        }),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "path", "headers"),
    [
        ("naver_search", "search/v1/news", {"X-NCP-APIGW-API-KEY-ID": "hub-id", "X-NCP-APIGW-API-KEY": "hub"}),
        (
            "naver_search_legacy",
            "v1/search/news.json",
            {"X-Naver-Client-Id": "old-id", "X-Naver-Client-Secret": "old"},
        ),
    ],
)
async def test_the_search_is_asked_newest_first_with_the_keys_of_its_gateway(
    source: str, path: str, headers: dict[str, str]
) -> None:
    asked = Asked(source)
    settings = SourceSettings(
        naver_hub_key_id=SecretStr("hub-id"),
        naver_hub_key=SecretStr("hub"),
        naver_legacy_client_id=SecretStr("old-id"),
        naver_legacy_client_secret=SecretStr("old"),
    )
    await naver_search.fetch_news(asked.client, settings, "삼성전자", start=101)
    assert asked.questions == [
        (path, {"query": "삼성전자", "display": "100", "start": "101", "sort": "date", "format": "json"})
    ]
    assert asked.headers == [headers]


async def test_the_masters_are_the_files_of_the_three_markets(asked: Asked) -> None:
    for file in kis_master.FILES:
        await kis_master.fetch_master(asked.client, file)
    assert asked.questions == [(f"common/master/{market}_code.mst.zip", {}) for market in ("kospi", "kosdaq", "konex")]
