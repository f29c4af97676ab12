import { useQueryClient } from "@tanstack/react-query";
import { useState } from "preact/hooks";

import { ProblemError, write, type Schemas } from "../../api/client";
import { useApi } from "../../api/queries";
import { Card } from "../../components/card";
import { Table } from "../../components/table";
import { Moment } from "../../components/values";
import { Failure, Loaded } from "../../components/states";
import { decimal, percent } from "../../format";
import { useWords, type Words } from "../../i18n/use-words";
import { Markdown } from "../../markdown";

const SCORES = [1, 2, 3, 4, 5];

/** A report to rate; its writer is shown after the rating only. */
function BlindRating({ report }: { report: Schemas["BlindReport"] }) {
  const { t, v, language } = useWords();
  const client = useQueryClient();
  const [error, setError] = useState<Error | null>(null);
  const [rating, setRating] = useState<Schemas["RatingStored"] | null>(null);
  const rate = async (score: number) => {
    setError(null);
    try {
      setRating(
        await write<Schemas["RatingStored"]>("POST", "/api/evaluations/ratings", {
          report_id: report.report_id,
          score,
        }),
      );
    } catch (failure) {
      setError(failure as Error);
    }
  };
  return (
    <>
      <p class="quiet">
        {report.name} {report.stock_code} · <Moment at={report.asof} />
      </p>
      <div class="paper">
        <Markdown text={language === "ko" ? report.text_ko : report.text_en} headingOffset={2} />
      </div>
      <div class="buttons" role="group" aria-label={t("rating.scores")}>
        {SCORES.map((score) => (
          <button
            type="button"
            disabled={rating !== null}
            aria-pressed={rating?.score === score}
            onClick={() => void rate(score)}
          >
            {score} {t(`rating.${score}` as "rating.1")}
          </button>
        ))}
      </div>
      {error && <Failure error={error} />}
      {rating && (
        <p role="status">
          {t("rating.told", { writer: rating.writer, model: v("model", rating.model), version: rating.version })}{" "}
          <button
            type="button"
            onClick={() => void client.invalidateQueries({ queryKey: ["/api/evaluations/ratings/next"] })}
          >
            {t("rating.next")}
          </button>
        </p>
      )}
    </>
  );
}

function cellsOf(row: Schemas["RatingSummary"], { t, v }: Words) {
  const share = (value: number | null) => percent(value, 0);
  return [
    <>
      {v("model", row.model)} <span class="quiet">{row.writer}</span>
    </>,
    row.mean === null ? "–" : `${decimal(row.mean, 2)} (n = ${row.n})`,
    row.good === null ? "–" : `${share(row.good)} [${share(row.low)} … ${share(row.high)}]`,
    row.scored === 0
      ? t("metric.none")
      : `${share(row.target)} · ${share(row.timing)} · ${share(row.risk)} (n = ${row.scored})`,
  ];
}

function Summary() {
  const words = useWords();
  const { t } = words;
  const query = useApi("/api/evaluations/ratings/summary");
  const head = [t("models.model"), t("rating.mean"), t("rating.good"), t("rating.promises")];
  return (
    <Loaded query={query} height={60} isEmpty={(found) => found.items.length === 0} empty={t("rating.none")}>
      {(found) => (
        <Table
          label={t("rating.title")}
          head={head}
          rows={found.items.map((row) => ({ key: `${row.model} ${row.writer}`, cells: cellsOf(row, words) }))}
        />
      )}
    </Loaded>
  );
}

/** Blind ratings of reports by people, kept apart from accuracy. */
export function RatingsCard({ isSignedIn }: { isSignedIn: boolean }) {
  const { t } = useWords();
  const query = useApi("/api/evaluations/ratings/next", {}, { enabled: isSignedIn });
  const isDone = query.error instanceof ProblemError && query.error.problem.status === 404;
  return (
    <Card title={t("rating.title")} note={t("rating.note")}>
      <Summary />
      {!isSignedIn && <p class="empty">{t("rating.signIn")}</p>}
      {isSignedIn && isDone && <p class="empty">{t("rating.done")}</p>}
      {isSignedIn && !isDone && (
        <Loaded query={query} height={420}>
          {(report) => <BlindRating key={report.report_id} report={report} />}
        </Loaded>
      )}
    </Card>
  );
}
