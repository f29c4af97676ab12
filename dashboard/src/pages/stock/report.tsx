import { useState } from "preact/hooks";

import { POLL_SLOW_MS, useApi, usePages } from "../../api/queries";
import { RunButton } from "../../components/actions";
import { Card } from "../../components/card";
import { Older } from "../../components/lists";
import { ReportHead, ReportWords } from "../../components/report-text";
import { Loaded } from "../../components/states";
import { moment } from "../../format";
import { useWords } from "../../i18n/use-words";
import { inline } from "../../markdown";
import { hrefOf } from "../../route";
import { diffLines } from "./diff";

const MARKS = { same: " ", new: "+", gone: "−" };

function Diff({ before, after }: { before: string; after: string }) {
  const { t } = useWords();
  const lines = diffLines(before, after).filter((line) => line.mark !== "same");
  if (lines.length === 0) return <p class="empty">{t("report.same")}</p>;
  return (
    <ul class="diff">
      {lines.map((line) => (
        <li class={line.mark}>
          <span aria-hidden="true">{MARKS[line.mark]} </span>
          <span class="hidden">{t(`report.diff.${line.mark}`)} </span>
          {inline(line.text.replace(/^#+ /, ""))}
        </li>
      ))}
    </ul>
  );
}

function Text({ id, beforeId }: { id: number; beforeId: number | null }) {
  const { t, language } = useWords();
  const query = useApi("/api/reports/{report_id}", { report_id: id });
  const [isDiff, setDiff] = useState(false);
  const isWanted = isDiff && beforeId !== null;
  const before = useApi("/api/reports/{report_id}", { report_id: beforeId ?? 0 }, { enabled: isWanted });
  const key = language === "ko" ? "text_ko" : "text_en";
  return (
    <Loaded query={query} height={600}>
      {(report) => (
        <>
          <ReportHead report={report} />
          {beforeId !== null && (
            <p>
              <button type="button" aria-pressed={isDiff} onClick={() => setDiff(!isDiff)}>
                {t("report.diff")}
              </button>
            </p>
          )}
          {isDiff && before.data ? (
            <Diff before={before.data[key]} after={report[key]} />
          ) : (
            <ReportWords report={report} />
          )}
        </>
      )}
    </Loaded>
  );
}

export function ReportCard({ code }: { code: string }) {
  const { t, language } = useWords();
  const [chosen, setChosen] = useState<number | null>(null);
  const list = usePages("/api/reports", { stock_code: code, limit: 5 }, { every_ms: POLL_SLOW_MS });
  const items = list.data ?? [];
  const position = Math.max(
    0,
    items.findIndex((item) => item.id === chosen),
  );
  const shown = items[position];
  const actions = (
    <>
      {items.length > 1 && (
        <label>
          {t("report.of")}{" "}
          <select value={shown?.id} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
            {items.map((item) => (
              <option value={item.id}>{moment(item.asof, language)}</option>
            ))}
          </select>
        </label>
      )}
      {shown && <a href={hrefOf("report", shown.id)}>{t("report.page")}</a>}
      <Older list={list} words="report.older" />
      <RunButton path="/api/reports" body={{ stock_code: code }}>
        {t("action.report")}
      </RunButton>
    </>
  );
  return (
    <Card title={t("report.title")} actions={actions}>
      <Loaded query={list} height={640} isEmpty={(reports) => reports.length === 0} empty={t("report.empty")}>
        {() => shown && <Text key={shown.id} id={shown.id} beforeId={items[position + 1]?.id ?? null} />}
      </Loaded>
    </Card>
  );
}
