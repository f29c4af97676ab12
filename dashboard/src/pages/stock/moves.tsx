// Why the stock moved: the newest session's move in parts, the stories that fit it, and the sessions before.

import type { UseQueryResult } from "@tanstack/react-query";

import type { Schemas } from "../../api/client";
import { POLL_MS, useApi } from "../../api/queries";
import { Card } from "../../components/card";
import { Loaded } from "../../components/states";
import { Table } from "../../components/table";
import { Change } from "../../components/values";
import { change } from "../../format";
import { useWords, type Words } from "../../i18n/use-words";
import { hrefOf } from "../../route";
import { Cause, Parts } from "./move-parts";

const SESSIONS = 5;

type Move = Schemas["MoveItem"];

function causeCell({ cause, stories }: Move, { v }: Words) {
  const first = stories[0];
  return first ? (
    <a href={hrefOf("news", first.news_id)}>{first.title}</a>
  ) : (
    <span class="quiet">{v("cause", cause)}</span>
  );
}

function Earlier({ moves }: { moves: Move[] }) {
  const words = useWords();
  const { t } = words;
  if (moves.length === 0) return null;
  const rows = moves.map((move) => ({
    key: move.trade_date,
    cells: [
      move.trade_date,
      <Change value={move.move} />,
      <>{change(move.parts.find(({ part }) => part === "own")?.share)}</>,
      causeCell(move, words),
    ],
  }));
  return (
    <>
      <h3>{t("moves.earlier")}</h3>
      <Table
        label={t("moves.earlier")}
        head={[t("moves.session"), t("moves.whole"), t("moves.own"), t("moves.fits")]}
        rows={rows}
      />
    </>
  );
}

export function MovesCard({ code }: { code: string }) {
  const { t } = useWords();
  const query: UseQueryResult<Schemas["PageOf_MoveItem_"]> = useApi(
    "/api/stocks/{code}/moves",
    { code, limit: SESSIONS },
    { every_ms: POLL_MS },
  );
  return (
    <Card title={t("moves.title")} note={t("moves.note")}>
      <Loaded query={query} height={320} isEmpty={(page) => page.items.length === 0} empty={t("moves.empty")}>
        {({ items: [newest, ...earlier] }) => (
          <>
            {newest && <Parts move={newest} />}
            {newest && <Cause move={newest} />}
            <Earlier moves={earlier} />
          </>
        )}
      </Loaded>
    </Card>
  );
}
