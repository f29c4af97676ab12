// The overview: asks the public REST API every 15 s and shows what it says.
// Text from outside reaches the page by textContent only; links only if they are http or https.

const REFRESH_MS = 15_000;
const WORDS = {
  up: "▲ 상승 · up", down: "▼ 하락 · down", hold: "– 관망 · hold",
  live: "실전 · live", backtest: "재현 · backtest", backfill: "소급 · backfill",
};
const moment = new Intl.DateTimeFormat("ko-KR", { timeZone: "Asia/Seoul", dateStyle: "short", timeStyle: "short" });
const krw = new Intl.NumberFormat("ko-KR");
const percent = (share) => `${(share * 100).toFixed(1)} %`;
const at = (text) => (text ? `${moment.format(new Date(text))} KST` : "–");
const byId = (id) => document.getElementById(id);

function element(tag, text = "", className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function link(text, url) {
  const made = element("a", text);
  if (/^https?:\/\//i.test(url)) {
    made.href = url;
    made.rel = "noopener noreferrer";
    made.target = "_blank";
  }
  return made;
}

function fill(id, rows, empty) {
  const body = byId(id).querySelector("tbody") ?? byId(id);
  body.replaceChildren(...rows);
  if (rows.length > 0) return;
  const columns = byId(id).querySelectorAll("th").length;
  const cell = element(columns ? "td" : "li", empty, "quiet");
  if (columns) cell.colSpan = columns;
  const row = columns ? element("tr") : cell;
  if (columns) row.append(cell);
  body.replaceChildren(row);
}

function row(...cells) {
  const made = element("tr");
  made.append(...cells.map((cell) => {
    if (cell instanceof HTMLTableCellElement) return cell;
    const wrapped = element("td");
    wrapped.append(cell);
    return wrapped;
  }));
  return made;
}

function forecastCell(forecast) {
  const cell = element("td", "", "number");
  if (!forecast) return element("td", "–", "quiet");
  const [low, high] = [forecast.quantiles_krw[1], forecast.quantiles_krw[5]];
  cell.append(
    element("div", `${percent(forecast.p_up)} ${WORDS[forecast.direction]}`, forecast.direction),
    element("div", `${krw.format(low)}–${krw.format(high)}원`, "quiet"),
  );
  return cell;
}

function priceCell(stock) {
  if (stock.last_price_krw === null) return element("td", "–", "quiet");
  const cell = element("td", "", "number");
  const change = stock.change ?? 0;
  const side = change > 0 ? "up" : change < 0 ? "down" : "quiet";
  const sign = change > 0 ? "▲" : change < 0 ? "▼" : "";
  cell.append(
    element("div", `${krw.format(stock.last_price_krw)}원`),
    element("div", `${sign} ${percent(Math.abs(change))}`, side),
    element("div", at(stock.price_at), "quiet"),
  );
  return cell;
}

function lastCall(call) {
  if (!call) return element("span", "–", "quiet");
  const verdict = call.hit === null ? "–" : call.hit ? "✔ 맞음 · right" : "✘ 틀림 · wrong";
  return element("span", `${WORDS[call.direction]} → ${verdict}`);
}

function reportButton(stock) {
  if (stock.report_id === null) return element("span", "–", "quiet");
  const button = element("button", "보기 · Read");
  button.type = "button";
  button.addEventListener("click", () => showReport(stock.report_id));
  return button;
}

async function showReport(id) {
  const report = await get(`/api/reports/${id}`);
  byId("report-title").textContent = `리포트 · Report: ${report.name} (${report.stock_code}), ${at(report.asof)}`;
  byId("report-text").textContent = `${report.text_ko}\n\n${report.text_en}\n\n${report.disclaimer.ko} ${report.disclaimer.en}`;
  byId("report").hidden = false;
  byId("report").scrollIntoView();
}

function stockRow(stock) {
  const at_horizon = (horizon) => stock.forecasts.find((forecast) => forecast.horizon === horizon);
  const name = element("th");
  name.scope = "row";
  name.append(element("div", stock.name), element("div", `${stock.code} ${stock.market}`, "quiet"));
  const state = stock.forecasts.map((forecast) => forecast.state).find(Boolean) ?? "예측 전 · no forecast yet";
  return row(
    name, priceCell(stock), ...[1, 3, 5].map((horizon) => forecastCell(at_horizon(horizon))),
    element("span", state, "quiet"), lastCall(stock.last_call), reportButton(stock),
  );
}

function recordRow(item) {
  const accuracy = item.accuracy ?? { value: null };
  const shown = accuracy.value === null ? "–"
    : `${percent(accuracy.value)} (${accuracy.low === null ? "–" : `${percent(accuracy.low)} … ${percent(accuracy.high)}`})`;
  const baseline = accuracy.baseline == null ? "–" : percent(accuracy.baseline);
  return row(WORDS[item.mode], `${item.horizon}`, shown, baseline, krw.format(item.n), `${item.n_days}`);
}

function storyItem(story) {
  const item = element("li");
  item.append(
    link(story.title, story.url),
    element("span", ` ${story.publisher} · ${at(story.first_known_at)} · ${(story.stock_codes ?? []).join(" ")} · ×${story.size}`, "quiet"),
  );
  return item;
}

function healthItems(health) {
  const age = health.scheduler.heartbeat_age_s;
  const parts = [
    `데이터베이스 · Database: ${health.database.reachable ? "✔" : "✘"} ${health.database.revision ?? ""}`,
    `스케줄러 · Scheduler: ${health.scheduler.state}${age === null ? "" : ` (${Math.round(age)} s)`}`,
    `모델 · Models: ${health.models.state}`,
    ...health.sources.map((source) => `${source.id}: ${source.off_reason ?? at(source.newest_item_at)}`),
    ...health.overdue_jobs.map((job) => `✘ ${job}: 늦음 · overdue`),
  ];
  return parts.map((part) => element("li", part));
}

function jobRow(job) {
  const last = job.run_state ? `${job.run_state} ${at(job.finished_at ?? job.started_at)}` : "–";
  return row(job.id, job.cron, last, job.paused_at ? "멈춤 · paused" : at(job.next_run_at));
}

async function get(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${body.title}: ${body.detail}`);
  return body;
}

async function refresh() {
  try {
    const [overview, health, jobs] = await Promise.all(["/api/dashboard", "/api/health", "/api/jobs"].map(get));
    const { stocks, news_24h, stories_24h, predictions_24h } = overview.counts;
    byId("as-of").textContent = `${at(overview.as_of)} · 종목 ${stocks} stocks · 24 h: 뉴스 ${news_24h} news, `
      + `소식 ${stories_24h} stories, 예측 ${predictions_24h} predictions`;
    fill("stocks", overview.stocks.map(stockRow), "아직 종목이 없습니다: POST /api/stocks · No stocks yet: POST /api/stocks");
    fill("record", overview.record.map(recordRow), "아직 채점된 예측이 없습니다 · No scored forecasts yet");
    fill("stories", overview.stories.map(storyItem), "아직 소식이 없습니다 · No stories yet");
    fill("health", healthItems(health), "");
    fill("jobs", jobs.items.map(jobRow), "스케줄러가 아직 시작되지 않았습니다 · The scheduler has not started yet");
    byId("problem").hidden = true;
  } catch (error) {
    byId("problem").textContent = `저장된 화면입니다. 곧 다시 시도합니다 · Shown data may be old; trying again soon. ${error.message}`;
    byId("problem").hidden = false;
  }
}

await refresh();
setInterval(() => document.hidden || refresh(), REFRESH_MS);
