// Why a run did no work, what a run counted, and the states of a stock: [Korean, English] on one line.

const RUNS = {
  "reason.paused": [
    "작업이 일시 중지되어 있어요. 작업 표에서 다시 시작해 주세요.",
    "The job is paused; resume it in the table of jobs.",
  ],
  "reason.still_open": ["앞선 실행이 아직 끝나지 않았어요.", "The run before it was still open."],
  "reason.late": [
    "시작이 너무 늦어져 이번 차례를 건너뛰었어요. 다음 차례에 실행돼요.",
    "The clock was late; the next tick follows.",
  ],
  "reason.standstill": [
    "스케줄러가 멈춰 있어 이번 차례를 놓쳤어요.",
    "The clock stood still; the next tick was taken.",
  ],
  "reason.expired": [
    "스케줄러가 너무 오래 멈춰 있었어요. 필요하면 다시 요청해 주세요.",
    "The scheduler was away too long; ask again if it is still wanted.",
  ],
  "reason.market_closed": [
    "장이 닫혀 있어 읽을 현재가가 없어요.",
    "The exchange is closed, so there are no live prices to read.",
  ],
  "reason.minutes_gone": [
    "새 장이 열려 지난 장의 분봉을 더는 받을 수 없어요.",
    "A new session has begun, so the minutes of the last one are gone.",
  ],
  "reason.no_stock": [
    "추적하는 종목이 없어요. 설정에서 종목을 추가해 주세요.",
    "No stock is watched; add one under Settings.",
  ],
  "reason.no_news_source": [
    "켜진 뉴스 출처가 없어요. 운영 페이지의 출처 표에서 필요한 설정을 확인해 주세요.",
    "No source of news is on; the table of sources says which setting each one needs.",
  ],
  "reason.no_price_source": [
    "켜진 가격 출처가 없어 가격도 예측도 없어요. AZAK_SOURCES_KIS_APP_KEY와 AZAK_SOURCES_KIS_APP_SECRET, 또는 AZAK_SOURCES_NAVER_PRICES=true를 설정하고 azak을 다시 시작해 주세요.",
    "No source of prices is on, so there are no prices and no predictions; set AZAK_SOURCES_KIS_APP_KEY and AZAK_SOURCES_KIS_APP_SECRET, or AZAK_SOURCES_NAVER_PRICES=true, and start azak again.",
  ],
  "reason.no_quote_source": [
    "켜진 현재가 출처가 없어요. AZAK_SOURCES_KIS_APP_KEY와 AZAK_SOURCES_KIS_APP_SECRET, 또는 AZAK_SOURCES_NAVER_PRICES=true를 설정하고 azak을 다시 시작해 주세요.",
    "No source of live prices is on; set AZAK_SOURCES_KIS_APP_KEY and AZAK_SOURCES_KIS_APP_SECRET, or AZAK_SOURCES_NAVER_PRICES=true, and start azak again.",
  ],
  "reason.no_minute_source": [
    "분봉은 KIS에만 있는데 꺼져 있어요. AZAK_SOURCES_KIS_APP_KEY와 AZAK_SOURCES_KIS_APP_SECRET을 설정하고 azak을 다시 시작해 주세요.",
    "Only KIS has minute bars, and it is off; set AZAK_SOURCES_KIS_APP_KEY and AZAK_SOURCES_KIS_APP_SECRET and start azak again.",
  ],
  "reason.no_history_source": [
    "켜진 가격 출처도 뉴스 검색도 없어 불러올 과거 자료가 없어요. AZAK_SOURCES_KIS_APP_KEY와 AZAK_SOURCES_KIS_APP_SECRET, 또는 AZAK_SOURCES_NAVER_PRICES=true를 설정하고 azak을 다시 시작해 주세요.",
    "Neither a source of prices nor the news search is on, so there is no history to load; set AZAK_SOURCES_KIS_APP_KEY and AZAK_SOURCES_KIS_APP_SECRET, or AZAK_SOURCES_NAVER_PRICES=true, and start azak again.",
  ],
  "reason.no_source": [
    "이 작업이 읽는 출처가 모두 꺼져 있어요. 운영 페이지의 출처 표에서 필요한 설정을 확인해 주세요.",
    "Every source that this job asks is off; the table of sources says which setting each one needs.",
  ],
  "reason.no_prices": [
    "가격 자료가 없어요. 가격 출처를 켠 뒤 과거 자료를 불러와 주세요.",
    "There are no prices to work with; switch a source of prices on, then load the history.",
  ],
  "reason.no_trained_model": [
    "학습된 모델이 없어요. 가격 출처를 켠 뒤 과거 자료를 불러오고 모델을 학습해 주세요.",
    "No model is trained yet; switch a source of prices on, then load the history and train the models.",
  ],
  "reason.no_model_version": [
    "학습된 모델이 없어 리포트에 쓸 예측이 없어요. 가격 출처를 켠 뒤 과거 자료를 불러오고 모델을 학습해 주세요.",
    "No model is trained yet, so there is no forecast to report on; switch a source of prices on, then load the history and train the models.",
  ],
  "reason.no_prediction": [
    "저장된 예측이 없어요. 먼저 예측을 만들어 주세요.",
    "There is no stored prediction to look at; make predictions first.",
  ],
  "reason.nothing_due": ["할 일이 없어요. 모두 최신 상태예요.", "Nothing was due: everything is up to date."],
  "wrote.some": ["{n}건 저장", "Wrote {n}"],
  "wrote.none": ["저장 0건", "Wrote 0"],
  "wrote.nothingNew": ["새로운 것 없음", "Nothing new"],
  "wrote.lookedAt": ["{n}건 확인", "looked at {n}"],
  "count.ab_tests": ["A/B 시험", "A/B tests"],
  "count.adjusted": ["수정 주가", "adjusted prices"],
  "count.companies": ["회사 번호", "company numbers"],
  "count.daily_bars": ["일봉", "daily bars"],
  "count.differ": ["다른 예측", "different"],
  "count.dropped": ["버린 기사", "dropped articles"],
  "count.failed": ["실패", "failed"],
  "count.impacts": ["뉴스 이후 수익률", "impacts"],
  "count.index_bars": ["지수", "index levels"],
  "count.links": ["종목 연결", "links to stocks"],
  "count.listings": ["종목 목록", "list of stocks"],
  "count.metrics": ["성적", "metrics"],
  "count.minute_bars": ["분봉", "minute bars"],
  "count.model_versions": ["모델 버전", "model versions"],
  "count.news": ["뉴스", "articles"],
  "count.outcomes": ["채점", "outcomes"],
  "count.predictions": ["예측", "predictions"],
  "count.quotes": ["현재가", "live prices"],
  "count.reports": ["리포트", "reports"],
  "count.reproduced": ["재현된 예측", "reproduced"],
  "count.rescored": ["다시 채점", "scored again"],
  "count.sessions_left": ["남은 거래일", "trading days left"],
  "count.set_aside": ["제외된 모델", "models set aside"],
  "count.stories": ["사건", "stories"],
  "count.too_late": ["늦어서 버림", "too late"],
  "count.unchanged": ["변경 없음", "unchanged"],
  "count.without_prices": ["가격 없는 종목", "stocks without prices"],
  "stockState.active": ["추적 중", "active"],
  "stockState.archived": ["보관됨", "archived"],
  "stockState.paused": ["일시 중지", "paused"],
  "missing.prices": [
    "가격 출처가 꺼져 있어 가격과 예측이 만들어지지 않아요.",
    "Every source of prices is off, so there are no prices and no predictions.",
  ],
  "missing.live_prices": [
    "현재가 출처가 꺼져 있어 장중 가격이 갱신되지 않아요.",
    "Every source of live prices is off, so there are no prices during a session.",
  ],
  "missing.how": [
    "AZAK_SOURCES_KIS_APP_KEY와 AZAK_SOURCES_KIS_APP_SECRET, 또는 AZAK_SOURCES_NAVER_PRICES=true(비공식)를 설정하고 azak을 다시 시작해 주세요.",
    "Set AZAK_SOURCES_KIS_APP_KEY and AZAK_SOURCES_KIS_APP_SECRET, or AZAK_SOURCES_NAVER_PRICES=true (unofficial), and start azak again.",
  ],
  "missing.sources": ["출처 보기", "See the sources"],
} as const;

type RunKey = keyof typeof RUNS;

/** The words in Korean (0) or English (1). */
export function runWords(language: 0 | 1): Record<RunKey, string> {
  const words = Object.entries(RUNS).map(([key, pair]) => [key, pair[language]]);
  return Object.fromEntries(words) as Record<RunKey, string>;
}
