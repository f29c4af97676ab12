import type { Schemas } from "../../api/client";
import { POLL_SLOW_MS, useApi } from "../../api/queries";
import { Card, Disclaimer } from "../../components/card";
import { Table } from "../../components/table";
import { OpinionLine } from "../../components/record";
import { Estimate } from "../../components/values";
import { Loaded } from "../../components/states";
import { count, decimal, percent } from "../../format";
import { useWords, type Words } from "../../i18n/use-words";
import { skillOf } from "../../views/overview";
import { Belief } from "./belief";
import { SkillPlot } from "./skill-plot";
import type { Selection } from "./view";

type Standing = Schemas["Standing"];

const fourDigits = (value: number) => decimal(value, 4);
const twoDigits = (value: number) => percent(value, 2);

interface ModelProps {
  standing: Standing;
  /** Whether another model has the same rank. */
  isShared: boolean;
}

function ModelCell({ standing, isShared }: ModelProps) {
  const { t, v } = useWords();
  const skill = skillOf(standing);
  return (
    <>
      {standing.rank !== null && `${t(isShared ? "models.rankShared" : "models.rank", { n: standing.rank })} `}
      {v("model", standing.model)} {standing.is_shown && <span class="chip">{t("models.shown")}</span>}
      {standing.is_benchmark && <span class="chip">{t("models.benchmark")}</span>}
      {standing.is_shadow && <span class="chip">{t("models.shadow")}</span>}
      <span class="quiet block">{standing.version}</span>
      {standing.too_early ? (
        <span class="quiet block">{t("models.tooEarly")}</span>
      ) : (
        !standing.is_benchmark && <span class={`quiet block verdict-${skill}`}>{t(`skill.${skill}`)}</span>
      )}
    </>
  );
}

/** The estimate without its n, which the accuracy of the same row shows. */
function withoutN(found: Schemas["Estimate"] | null) {
  return found && { ...found, n: undefined };
}

/** Without opinions nothing was traded: a return of zero would be that of trades never made. */
function Money({ standing: { money, accuracy_shown } }: { standing: Standing }) {
  return accuracy_shown ? <Estimate of={withoutN(money?.long_only.daily_return ?? null)} show={twoDigits} /> : <>–</>;
}

function cellsOf(standing: Standing, board: readonly Standing[], { t }: Words) {
  const needed = standing.sessions_needed;
  const isShared = board.filter(({ rank }) => rank === standing.rank).length > 1;
  return [
    <ModelCell standing={standing} isShared={isShared} />,
    <>
      <Estimate of={standing.accuracy} />
      {standing.n > 0 && <OpinionLine of={standing.accuracy_shown} scored={standing.n} />}
    </>,
    <Estimate of={withoutN(standing.brier_skill)} show={fourDigits} />,
    <Estimate of={withoutN(standing.log_loss)} show={fourDigits} />,
    <Money standing={standing} />,
    needed?.value == null || standing.has_skill ? "–" : t("metric.sessions.needed", { n: count(needed.value) }),
  ];
}

export function useLeaderboard(selection: Selection) {
  return useApi("/api/evaluations/leaderboard", { ...selection }, { every_ms: POLL_SLOW_MS });
}

export function Leaderboard({ selection }: { selection: Selection }) {
  const words = useWords();
  const { t } = words;
  const query = useLeaderboard(selection);
  const figures = [t("metric.side"), t("models.skill"), t("models.logLoss"), t("models.money"), t("models.needed")];
  return (
    <Card title={t("models.leaderboard")} note={t("models.leaderboard.note")}>
      <Loaded query={query} height={640} isEmpty={(found) => found.items.length === 0} empty={t("metric.wait")}>
        {(found) => (
          <>
            <Belief standings={found.items} />
            <SkillPlot standings={found.items} />
            <Table
              label={t("models.leaderboard")}
              head={[t("models.model"), ...figures]}
              rows={found.items.map((standing) => ({
                key: standing.model,
                cells: cellsOf(standing, found.items, words),
              }))}
            />
          </>
        )}
      </Loaded>
      <Disclaimer />
    </Card>
  );
}
