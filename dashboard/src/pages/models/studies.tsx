import type { Schemas } from "../../api/client";
import { POLL_SLOW_MS, useApi } from "../../api/queries";
import { Card, Disclaimer } from "../../components/card";
import { Loaded } from "../../components/states";
import { Table } from "../../components/table";
import { Change, Moment } from "../../components/values";
import { change, count } from "../../format";
import { useWords, type Words } from "../../i18n/use-words";
import { findingOf, scaleOf, shownStudies } from "../../views/studies";

type Study = Schemas["StudyItem"];

const WIDTH = 140;
const HEIGHT = 14;
const RADIUS = 3.5;

/** The interval as a line and its mean as a dot about the zero in the middle; `most` is at the edge. */
function Interval({ study, most }: { study: Study; most: number }) {
  const x = (move: number) => WIDTH / 2 + (Math.max(-1, Math.min(1, move / most)) * (WIDTH - 2 * RADIUS)) / 2;
  const { mean, low, high } = study;
  return (
    <svg class="interval" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <line class="chance-middle" x1={WIDTH / 2} x2={WIDTH / 2} y1={0} y2={HEIGHT} />
      {low !== null && high !== null && (
        <line class="whisker" x1={x(low)} x2={x(high)} y1={HEIGHT / 2} y2={HEIGHT / 2} />
      )}
      <circle class={`study-${findingOf(study)}`} cx={x(mean)} cy={HEIGHT / 2} r={RADIUS} />
    </svg>
  );
}

function Name({ study }: { study: Study }) {
  const { v } = useWords();
  return (
    <>
      {v("event", study.type)} <span class="quiet">{v("sign", study.sign)}</span>
      {study.size !== "any" && <span class="chip">{v("size", study.size)}</span>}
    </>
  );
}

function cellsOf(study: Study, most: number, { t }: Words) {
  const { mean, low, high } = study;
  const bounds = low === null || high === null ? t("metric.noInterval") : `${change(low)} … ${change(high)}`;
  return [
    <Name study={study} />,
    t(`studies.${findingOf(study)}`),
    <>
      <Interval study={study} most={most} />
      <span class="block">
        {change(mean)} <span class="quiet">[{bounds}]</span>
      </span>
    </>,
    t("metric.n", { n: count(study.n), days: count(study.n_days) }),
    <Change value={study.drift} />,
  ];
}

/** What prices did after events, of all stocks together. */
export function StudiesCard({ horizon }: { horizon: number }) {
  const words = useWords();
  const { t } = words;
  const query = useApi("/api/events/studies", { horizon }, { every_ms: POLL_SLOW_MS });
  const head = [t("studies.event"), t("studies.finding"), t("studies.move"), t("studies.base"), t("studies.drift")];
  return (
    <Card title={t("studies.title")} note={t("studies.note", { n: horizon })}>
      <Loaded query={query} height={320} isEmpty={(found) => found.items.length === 0} empty={t("studies.wait")}>
        {(found) => {
          const shown = shownStudies(found.items);
          const most = scaleOf(shown);
          return (
            <>
              <Table
                label={t("studies.title")}
                head={head}
                rows={shown.map((study) => ({
                  key: `${study.type} ${study.sign} ${study.size}`,
                  cells: cellsOf(study, most, words),
                }))}
              />
              <p class="note">
                {t("studies.asOf")} <Moment at={found.computed_at} />
              </p>
            </>
          );
        }}
      </Loaded>
      <Disclaimer />
    </Card>
  );
}
