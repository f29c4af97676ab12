import type { Schemas } from "../../api/client";
import { useHealth } from "../../components/frame/banner";
import { Card } from "../../components/card";
import { Table } from "../../components/table";
import { Moment } from "../../components/values";
import { Loaded } from "../../components/states";
import { relative } from "../../format";
import { useWords, type Words } from "../../i18n/use-words";

function cellsOf(worker: Schemas["WorkerPart"], { t, v, language }: Words) {
  return [
    <>
      {v("worker", worker.role)}{" "}
      <span class="quiet block">
        {worker.host} · {worker.pid}
      </span>
    </>,
    <>
      {v("scheduler", worker.state)}{" "}
      <span class="quiet block">{relative(-Math.round(worker.heartbeat_age_s), language)}</span>
    </>,
    t("worker.load", { n: worker.running, most: worker.concurrency }),
    v("models", worker.models),
    <Moment at={worker.started_at} />,
    worker.version,
  ];
}

/** Every process that executes runs, on any machine. */
export function WorkersCard() {
  const words = useWords();
  const { t } = words;
  const query = useHealth();
  const head = [
    t("worker.process"),
    t("news.state"),
    t("worker.running"),
    t("operations.models"),
    t("worker.since"),
    t("ab.version"),
  ];
  return (
    <Card title={t("worker.title")}>
      <Loaded query={query} height={90} isEmpty={(health) => health.workers.length === 0} empty={t("worker.none")}>
        {(health) => (
          <Table
            label={t("worker.title")}
            head={head}
            rows={health.workers.map((worker) => ({
              key: `${worker.host} ${worker.pid}`,
              cells: cellsOf(worker, words),
            }))}
          />
        )}
      </Loaded>
    </Card>
  );
}
