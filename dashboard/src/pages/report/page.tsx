// A report: its words, its score, the forecasts it tells of, and the sessions after it.

import { POLL_SLOW_MS, useApi } from "../../api/queries";
import type { Schemas } from "../../api/client";
import { Card, Disclaimer } from "../../components/card";
import { CopyAddress, isUnknown, Unknown } from "../../components/said/frame";
import { ReportHead, ReportWords } from "../../components/report-text";
import { SessionsCard, Why } from "../../components/said/sessions";
import { Loaded } from "../../components/states";
import { decimal } from "../../format";
import { useWords } from "../../i18n/use-words";
import { hrefOf } from "../../route";

type Report = Schemas["ReportFull"];
type Aftermath = Schemas["ReportAftermath"];

/** The score once it is final; else how far it is, or why there will be none. */
function Score({ report, after }: { report: Report; after: Aftermath }) {
  const { t, v } = useWords();
  const { score } = report;
  if (after.void_reason !== null) return <>{t("came.void", { reason: v("void", after.void_reason) })}</>;
  if (score?.state !== "final") return <>{t("report.scoreNone", { n: after.sessions.length })}</>;
  const parts = [score.target_score, score.timing_score, score.risk_score].map((part) => decimal(part, 2)).join(" · ");
  return (
    <>
      <strong>{parts}</strong> {score.hit_session !== null && t("report.hit", { n: score.hit_session })}
    </>
  );
}

function After({ report, after }: { report: Report; after: Aftermath }) {
  const { t } = useWords();
  return (
    <Card title={t("came.title")} actions={<CopyAddress />}>
      <dl class="facts">
        <dt>{t("report.score")}</dt>
        <dd>
          <Score report={report} after={after} />
        </dd>
        <dt>{t("why.title")}</dt>
        <dd>
          <Why sessions={after.sessions} asof={report.asof} isOver={report.score?.state === "final"} />
        </dd>
        <dt>{t("report.calls")}</dt>
        <dd>
          {after.calls.map(({ id, horizon }) => (
            <>
              <a class="chip" href={hrefOf("call", id)}>
                {t("horizon.days", { n: horizon })}
              </a>{" "}
            </>
          ))}
        </dd>
      </dl>
    </Card>
  );
}

export function ReportPage({ id }: { id: string }) {
  const { t } = useWords();
  const query = useApi("/api/reports/{report_id}", { report_id: id }, { every_ms: POLL_SLOW_MS });
  const after = useApi("/api/reports/{report_id}/aftermath", { report_id: id }, { every_ms: POLL_SLOW_MS });
  if (isUnknown(query.error)) return <Unknown kind="report" id={id} />;
  return (
    <>
      <h1>{query.data ? t("report.head", { name: query.data.name }) : t("page.report")}</h1>
      {/* Its text waits for what came after it, which stands above and whose height is unknown before. */}
      <Loaded query={after} height={900}>
        {(found) => (
          <Loaded query={query} height={900}>
            {(report) => (
              <>
                <p>
                  <a href={hrefOf("stock", report.stock_code)}>{t("call.back", { name: report.name })}</a>
                </p>
                <After report={report} after={found} />
                <Card title={t("report.title")}>
                  <ReportHead report={report} />
                  <ReportWords report={report} />
                  <Disclaimer />
                </Card>
                <SessionsCard sessions={found.sessions} asof={report.asof} />
              </>
            )}
          </Loaded>
        )}
      </Loaded>
    </>
  );
}
