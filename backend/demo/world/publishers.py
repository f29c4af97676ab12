"""Papers of the demo: their number at the portal, their URLs, and their share of the articles."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final


@dataclass(frozen=True, slots=True)
class Publisher:
    """A paper. `office`: its number at the portal; None if the portal links to the paper itself."""

    name: str
    office: str | None
    address: str
    weight: int

    def url(self, number: int, moment: datetime) -> str:
        return self.address.format(day=f"{moment:%Y%m%d}", number=f"{number:08d}")

    def portal_url(self, number: int) -> str | None:
        if self.office is None:
            return None
        return f"https://n.news.naver.com/mnews/article/{self.office}/{number:010d}?sid=101"


HANKYUNG: Final = Publisher("한국경제", "015", "https://www.hankyung.com/article/{day}{number}", 6)
MAEIL: Final = Publisher("매일경제", "009", "https://www.mk.co.kr/news/stock/{number}", 6)
YONHAP: Final = Publisher("연합뉴스", "001", "https://www.yna.co.kr/view/AKR{day}{number}?input=1195m", 5)
EDAILY: Final = Publisher("이데일리", "018", "https://www.edaily.co.kr/News/Read?newsId={number}&mediaCodeNo=257", 4)
MT: Final = Publisher("머니투데이", "008", "https://www.mt.co.kr/stock/{day}{number}", 4)
ASIAE: Final = Publisher("아시아경제", "277", "https://www.asiae.co.kr/article/{day}{number}", 3)
FNNEWS: Final = Publisher("파이낸셜뉴스", "014", "http://www.fnnews.com/news/{day}{number}", 3)
NEWSIS: Final = Publisher("뉴시스", "003", "https://www.newsis.com/view/NISX{day}_{number}", 3)
ETODAY: Final = Publisher("이투데이", None, "https://www.etoday.co.kr/news/view/{number}", 2)
PUBLISHERS: Final = (
    HANKYUNG,
    MAEIL,
    YONHAP,
    EDAILY,
    MT,
    ASIAE,
    FNNEWS,
    NEWSIS,
    Publisher("서울경제", "011", "https://www.sedaily.com/NewsView/{number}", 2),
    Publisher("헤럴드경제", "016", "https://biz.heraldcorp.com/article/{number}", 2),
    ETODAY,
    Publisher("인포스탁데일리", None, "http://www.infostockdaily.co.kr/news/articleView.html?idxno={number}", 2),
)
WEIGHTS: Final = tuple(publisher.weight for publisher in PUBLISHERS)
