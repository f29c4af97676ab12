// Names of the kinds of run, [Korean, English] on one line, so that a new job is one line here.

const JOBS = {
  "job.aggregate_performance": ["성적 집계", "Aggregate scores"],
  "job.ask_language_model": ["언어 모델 질의", "Ask the language model"],
  "job.audit_predictions": ["예측 재현 검증", "Audit predictions"],
  "job.backfill_model": ["모델 소급 계산", "Backfill a model"],
  "job.backtest": ["백테스트", "Backtest"],
  "job.check_sources": ["출처 점검", "Check sources"],
  "job.collect_daily_bars": ["일봉 수집", "Collect daily bars"],
  "job.collect_minute_bars": ["분봉 수집", "Collect minute bars"],
  "job.collect_prices": ["현재가 수집", "Collect prices"],
  "job.crawl_news": ["뉴스 수집", "Crawl news"],
  "job.embed_news": ["뉴스 임베딩", "Embed news"],
  "job.evaluate_predictions": ["예측 채점", "Score forecasts"],
  "job.generate_predictions": ["예측 생성", "Make forecasts"],
  "job.generate_reports": ["리포트 작성", "Write reports"],
  "job.housekeeping": ["데이터 정리", "Housekeeping"],
  "job.initial_analysis": ["초기 분석", "First analysis"],
  "job.load_history": ["과거 데이터 불러오기", "Load history"],
  "job.import_files": ["파일 가져오기", "Import files"],
  "job.match_impacts": ["뉴스·주가 매칭", "Match news and prices"],
  "job.refresh_stocks": ["종목 목록 갱신", "Refresh the stock list"],
  "job.restate_news": ["뉴스 재해석", "Reread stored news"],
  "job.write_briefs": ["브리핑 작성", "Write briefs"],
  "job.train_models": ["모델 학습", "Train models"],
} as const;

/** Ids of the kinds of run. */
export const RUN_KINDS = Object.keys(JOBS).map((key) => key.replace("job.", ""));

type JobKey = keyof typeof JOBS;

/** The names in Korean (0) or English (1). */
export function jobWords(language: 0 | 1): Record<JobKey, string> {
  const names = Object.entries(JOBS).map(([key, words]) => [key, words[language]]);
  return Object.fromEntries(names) as Record<JobKey, string>;
}
