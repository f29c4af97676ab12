// The sessions after something was said, each in its parts, with stories told apart by whether they were known then.

import { useWords } from "../../i18n/use-words";
import { hrefOf } from "../../route";
import type { Schemas } from "../../api/client";
import { isLater, sumOfParts, whyOf } from "../../views/aftermath";
import { change } from "../../format";
import { Card } from "../card";
import { Table } from "../table";
import { Change, Moment } from "../values";

type Move = Schemas["MoveItem"];

interface Props {
  sessions: Move[];
  asof: string;
}

/** Why it came so, in one or two sentences; `isOver`: no session is to come that could be split into parts. */
export function Why({ sessions, asof, isOver }: Props & { isOver: boolean }) {
  const { t } = useWords();
  if (sessions.length === 0 && !isOver) return <span class="quiet">{t("aftermath.empty")}</span>;
  const { kind, story } = whyOf(sessions, asof);
  const parts = sumOfParts(sessions);
  const shares = parts && { market: change(parts.market), industry: change(parts.industry), own: change(parts.own) };
  return (
    <>
      {t(`why.${kind}`)} {story && <a href={hrefOf("news", story.news_id)}>{story.title}</a>}
      {shares && <span class="quiet block">{t(parts.industry === null ? "why.parts2" : "why.parts", shares)}</span>}
    </>
  );
}

function Stories({ move, asof }: { move: Move; asof: string }) {
  const { t, v } = useWords();
  if (move.stories.length === 0) return <span class="quiet">{v("cause", move.cause)}</span>;
  return (
    <>
      {move.stories.map((story) => (
        <span class="wrap block" key={story.story_id}>
          <a href={hrefOf("news", story.news_id)}>{story.title}</a>{" "}
          <span class="quiet">
            {t(isLater(story, asof) ? "aftermath.later" : "aftermath.known")} · {v("event", story.event_type)} ·{" "}
            <Moment at={story.known_at} />
          </span>
        </span>
      ))}
    </>
  );
}

export function SessionsCard({ sessions, asof }: Props) {
  const { t, v } = useWords();
  const shareOf = (move: Move, part: string) => change(move.parts.find((found) => found.part === part)?.share);
  const head = [t("moves.session"), t("moves.whole"), v("movePart", "market"), v("movePart", "own"), t("moves.fits")];
  const rows = sessions.map((move) => ({
    key: move.trade_date,
    cells: [
      move.trade_date,
      <Change value={move.move} />,
      shareOf(move, "market"),
      shareOf(move, "own"),
      <Stories move={move} asof={asof} />,
    ],
  }));
  return (
    <Card title={t("aftermath.title")} note={t("aftermath.note")}>
      {rows.length === 0 ? (
        <p class="empty">{t("aftermath.empty")}</p>
      ) : (
        <Table label={t("aftermath.title")} head={head} rows={rows} />
      )}
    </Card>
  );
}
