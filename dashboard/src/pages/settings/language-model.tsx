import type { Schemas } from "../../api/client";
import { useApi } from "../../api/queries";
import { Card } from "../../components/card";
import { Table } from "../../components/table";
import { Moment } from "../../components/values";
import { Loaded } from "../../components/states";
import { count, decimal } from "../../format";
import { useWords, type Words } from "../../i18n/use-words";

type Call = Schemas["LlmCallItem"];

function resultOf({ state, review, error }: Call, { t }: Words) {
  if (review) {
    const dropped = Object.values(review.dropped).reduce((sum, fallen) => sum + fallen, 0);
    const kept = String(review.sentences - dropped);
    return t(review.used ? "llm.used" : "llm.template", { kept, sentences: String(review.sentences) });
  }
  return error ?? t(`llm.state.${state}`);
}

function cellsOf(call: Call, words: Words) {
  return [
    <Moment at={call.created_at} />,
    call.purpose,
    call.answered_by ?? call.model,
    `${count(call.tokens_in)} / ${count(call.tokens_out)}`,
    `$${decimal(call.cost_usd)}`,
    resultOf(call, words),
  ];
}

function Findings({ of }: { of: Schemas["LlmStatus"] }) {
  const { t } = useWords();
  if (of.off_reason !== null) return <p class="empty">{t(of.host === null ? "llm.off" : "llm.off.budget")}</p>;
  return (
    <>
      <p>
        <strong>{of.model}</strong> · {of.host} · {of.mode ? t(`llm.mode.${of.mode}`) : t("llm.never")}
        {of.answered_by && of.answered_by !== of.model && <> · {t("llm.answersAs", { model: of.answered_by })}</>}
      </p>
      <p>
        {t("llm.spent", { spent: decimal(of.spent_today_usd, 2), budget: decimal(of.budget_today_usd, 2) })}
        {of.closed_until && (
          <>
            {" "}
            {t("llm.closed")} <Moment at={of.closed_until} />
          </>
        )}
      </p>
    </>
  );
}

/** The language model that may write reports: what its endpoint can do, what it cost today, and its last calls. */
export function LanguageModelCard() {
  const words = useWords();
  const { t } = words;
  const query = useApi("/api/llm");
  const head = [t("run.created"), t("llm.purpose"), t("models.model"), t("llm.tokens"), t("llm.cost"), t("llm.result")];
  return (
    <Card title={t("llm.title")} note={t("llm.note")}>
      <Loaded query={query} height={80}>
        {(found) => (
          <>
            <Findings of={found} />
            {found.calls.length > 0 && (
              <Table
                label={t("llm.calls")}
                head={head}
                rows={found.calls.map((call) => ({ key: call.created_at, cells: cellsOf(call, words) }))}
              />
            )}
          </>
        )}
      </Loaded>
    </Card>
  );
}
