"""Articles without a planted effect: reports of moves, roundups, market reports, groups, brokers as authors.

They are hard cases of linking and labelling: "[특징주]" reports a move that already happened, a roundup names more than
five stocks, the name of a group alone is no stock, and a broker at the end of a title is its author.
"""

import random

from backend.demo.world import events, wording
from backend.demo.world.market import SeededMarket
from backend.demo.world.sessions import Sessions
from backend.demo.world.stocks import DEMO_STOCKS
from backend.demo.world.story_plan import Story
from backend.domain.market import Market as Board


def write(rng: random.Random, story: Story, sessions: Sessions, market: SeededMarket) -> tuple[str, str]:
    """(title, snippet) of a story that is not an event."""
    if story.kind == "reaction":
        return _reaction(rng, story, sessions, market)
    if story.kind == "market":
        return _market_report(rng, story, sessions, market)
    if story.kind == "roundup":
        return _roundup(rng)
    return _group(rng) if story.kind == "group" else _broker(rng)


def _session_of(story: Story, sessions: Sessions) -> tuple[int, float]:
    """Number of the newest session that had opened at publication, and its elapsed fraction."""
    if story.window < sessions.count:
        number = story.window if story.published_at >= sessions.day(story.window).opens_at else story.window - 1
    else:
        number = sessions.newest(story.published_at)
    number = max(number, 0)
    return number, sessions.fraction(number, story.published_at)


def _reaction(rng: random.Random, story: Story, sessions: Sessions, market: SeededMarket) -> tuple[str, str]:
    session, fraction = _session_of(story, sessions)
    moves = {}
    for stock in DEMO_STOCKS:
        bar = market.bar(stock.code, session)
        moves[abs(bar.close / bar.base - 1)] = stock
    stock = moves[max(moves)]
    bar = market.bar_at(stock.code, session, fraction)
    percent = (bar.close / bar.base - 1) * 100
    word = ("강세", "급등") if percent > 0 else ("약세", "급락")
    reason = rng.choice((f"{rng.choice(stock.products)} 기대", "외국인 수급", "실적 전망", "차익 실현"))
    if abs(percent) < 1:
        return (
            f"[특징주] {stock.name}, {reason} 속 보합권",
            f"{stock.name}({stock.code}) 주가가 보합권에서 움직이고 있다.",
        )
    title = f"[특징주] {stock.name}, {reason}에 {int(abs(percent))}%대 {word[abs(percent) > 4]}"
    day = sessions.day(session).trade_date.day
    told = f"{abs(percent):.2f}% {word[0]}인 {bar.close:,.0f}원에 거래됐다."
    return title, f"{day}일 {stock.name}({stock.code})는 전 거래일보다 {told}"


def _market_report(rng: random.Random, story: Story, sessions: Sessions, market: SeededMarket) -> tuple[str, str]:
    session, fraction = _session_of(story, sessions)
    index = rng.choice((Board.KOSPI, Board.KOSDAQ))
    bar = market.bar_at(index, session, fraction)
    percent = (bar.close / bar.base - 1) * 100
    name = "코스피" if index is Board.KOSPI else "코스닥"
    buyer = rng.choice(("외국인", "기관", "개인"))
    verb = "마감" if fraction >= 1 else "출발" if fraction < 0.2 else "거래"
    side = ("상승", "매수") if percent > 0 else ("하락", "매도")
    move, level = f"{abs(percent):.2f}% {side[0]}", f"{bar.close:,.2f}"
    title = f"{name}, {buyer} {side[1]}에 {move} {verb}…{level}"
    return title, f"{name} 지수가 전 거래일보다 {move}한 {level}에 {verb}했다. {buyer}이 {side[1]} 우위를 보였다."


def _roundup(rng: random.Random) -> tuple[str, str]:
    names = [stock.name for stock in rng.sample(DEMO_STOCKS, rng.choice((6, 7, 8)))]
    titles = (
        f"[표] 외국인 순매수 상위…{'·'.join(names)}",
        f"[오늘의 공시] {', '.join(names)} 등",
        f"[서울데이터랩] 마감 직후 인기 검색 종목 20選: {', '.join(names)}",
    )
    return rng.choice(titles), f"{', '.join(names)} 등이 투자자의 관심을 받았다."


def _group(rng: random.Random) -> tuple[str, str]:
    group, number = rng.choice(events.GROUPS), rng.randint(2, 40) * 100
    titles = (
        f"{group}, 하반기 신입 공채 {number:,}명 규모",
        f"{wording.with_particle(group, '이', '가')} 찍은 미래 먹거리는…R&D에 {wording.amount(number * 10)}",
        f"{group} 총수, {rng.choice(('미국', '베트남', '유럽'))} 출장길 올라",
    )
    return rng.choice(titles), f"재계에 따르면 {group} 계열사는 올해 투자 계획을 점검하고 있다."


def _broker(rng: random.Random) -> tuple[str, str]:
    broker, industry = rng.choice(events.BROKERS), rng.choice(events.INDUSTRIES)
    titles = (
        f"{industry} 업황, 바닥 통과 중-{broker}",
        f'"{industry} 투자심리 회복…비중 확대"-{broker}',
        f'{broker} "{industry}주 4분기 이익 {rng.randint(3, 40)}% 증가 전망"',
    )
    return rng.choice(titles), f"{wording.with_particle(broker, '은', '는')} {industry} 업종에 대한 의견을 유지했다."
