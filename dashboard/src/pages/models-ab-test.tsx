import type { Schemas } from "../api/client";
import { RARELY_MS, useApi } from "../api/queries";
import { Bar, Card, Moment } from "../components/parts";
import { Loaded } from "../components/states";
import { count, decimal, percent } from "../format";
import { useWords } from "../i18n/use-words";
import { hrefOf } from "../route";
import { progressOf } from "../views/ab-test";

type Test = Schemas["AbTestItem"];

/** Two frozen versions side by side, what was fixed beforehand, and how much is still needed. */
function TestLine({ test }: { test: Test }) {
  const { t, v } = useWords();
  const { days, needed, share, p_value, difference, low, high } = progressOf(test);
  return (
    <li data-test={test.id}>
      <strong>{test.name}</strong> <span class="chip">{v("ab", test.state)}</span>
      <span class="block">
        A: {v("model", test.model_a)} <span class="quiet">{test.version_a}</span> · B: {v("model", test.model_b)}{" "}
        <span class="quiet">{test.version_b}</span>
      </span>
      <span class="quiet block">
        {test.metric} · {t("horizon.days", { n: test.horizon })} · {t("ab.alpha", { alpha: test.alpha })}
      </span>
      {test.state === "running" && (
        <span class="block">
          <Bar share={share} label={t("ab.sample")} />{" "}
          {t("ab.needed", { days: count(days), needed: count(needed), all: test.minimum_sessions })}
        </span>
      )}
      {p_value !== null && (
        <span class="block">
          {t("ab.verdict", {
            p: decimal(p_value),
            difference: decimal(difference, 4),
            low: decimal(low, 4),
            high: decimal(high, 4),
            level: percent(1 - test.alpha, 0),
          })}
        </span>
      )}
      <span class="quiet block">
        {t("run.created")} <Moment at={test.created_at} /> · {t("ab.decided")} <Moment at={test.decided_at} />
      </span>
    </li>
  );
}

export function AbTestCard() {
  const { t } = useWords();
  const query = useApi("/api/ab_test", { limit: 10 }, { every_ms: RARELY_MS });
  return (
    <Card title={t("ab.title")} note={t("ab.note")} actions={<a href={hrefOf("settings")}>{t("ab.manage")}</a>}>
      <Loaded query={query} height={60} isEmpty={(page) => page.items.length === 0} empty={t("ab.empty")}>
        {(page) => (
          <ul class="list">
            {page.items.map((test) => (
              <TestLine key={test.id} test={test} />
            ))}
          </ul>
        )}
      </Loaded>
    </Card>
  );
}
