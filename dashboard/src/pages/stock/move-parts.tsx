// The parts of a session's move as bars, and what explains its own part.

import type { Schemas } from "../../api/client";
import { decimal } from "../../format";
import { useWords, type Words } from "../../i18n/use-words";
import { hrefOf } from "../../route";
import { Change, Moment, signOf } from "../../components/values";

const WIDTH = 120;
const HEIGHT = 10;
/** Fewer other stocks are no industry. */
const INDUSTRY = 3;

type Move = Schemas["MoveItem"];

/** A bar from the middle, full at the largest share beside it. */
function PartBar({ share, most }: { share: number; most: number }) {
  const length = most > 0 ? (Math.abs(share) / most) * (WIDTH / 2) : 0;
  return (
    <svg class="part-bar" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <rect
        class={`strip-${signOf(share)}`}
        x={share < 0 ? WIDTH / 2 - length : WIDTH / 2}
        width={length}
        height={HEIGHT}
      />
      <line class="chance-middle" x1={WIDTH / 2} x2={WIDTH / 2} y1={0} y2={HEIGHT} />
    </svg>
  );
}

export function Parts({ move }: { move: Move }) {
  const { t, v } = useWords();
  const lines = [
    { name: t("moves.whole"), share: move.move },
    ...move.parts.map(({ part, share }) => ({ name: v("movePart", part), share })),
  ];
  const most = Math.max(...lines.map(({ share }) => Math.abs(share)));
  return (
    <ul class="parts" aria-label={t("moves.parts")}>
      {lines.map(({ name, share }) => (
        <li key={name}>
          <span>{name}</span> <Change value={share} /> <PartBar share={share} most={most} />
        </li>
      ))}
    </ul>
  );
}

/** How unusual the own part is, and what explains it. */
export function causeWords({ cause, own_sigmas }: Pick<Move, "cause" | "own_sigmas">, { t }: Pick<Words, "t">): string {
  return t(`moves.cause.${cause}`, { times: decimal(Math.abs(own_sigmas), 1) });
}

/** Why there is no part of the industry. */
function industryWords({ industry_stocks: n }: Move, { t }: Words): string {
  return n === 0 ? t("moves.noPeers") : t("moves.noIndustry", { n, least: INDUSTRY });
}

export function Cause({ move }: { move: Move }) {
  const words = useWords();
  const hasIndustry = move.parts.some(({ part }) => part === "industry");
  return (
    <>
      <p>{causeWords(move, words)}</p>
      {move.stories.length > 0 && (
        <ul class="list">
          {move.stories.map((story) => (
            <li key={story.story_id}>
              <a href={hrefOf("news", story.news_id)}>{story.title}</a>
              <span class="quiet block">
                {words.v("event", story.event_type)} ({words.v("sign", story.sign)}) · {story.publisher} ·{" "}
                <Moment at={story.known_at} />
              </span>
            </li>
          ))}
        </ul>
      )}
      <p class="quiet">
        {words.t("moves.asof")} <Moment at={move.known_at} />
        {!hasIndustry && ` · ${industryWords(move, words)}`}
      </p>
    </>
  );
}
