// The expected size of a move beside the usual one: as two bars from the left, and in words.

import type { Schemas } from "../api/client";
import { percent } from "../format";
import { useWords } from "../i18n/use-words";
import { sizeWord } from "../views/sizes";

const WIDTH = 96;
const HEIGHT = 10;
/** Mean daily moves beyond this fill the bar. */
const FULL_AT = 0.06;

type Size = Pick<Schemas["SizeItem"], "expected" | "usual">;

export function SizeBar({ size: { expected, usual } }: { size: Size }) {
  const at = (share: number) => Math.min(1, share / FULL_AT) * WIDTH;
  return (
    <svg class="size-bar" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <rect class="chance-track" width={WIDTH} height={HEIGHT} rx={3} />
      <rect class={`size-${sizeWord({ expected, usual })}`} width={at(expected)} height={HEIGHT} rx={3} />
      <line class="chance-middle" x1={at(usual)} x2={at(usual)} y1={0} y2={HEIGHT} />
    </svg>
  );
}

/** "±3.1% (usually ±1.8%)". */
export function SizeWords({ size }: { size: Size }) {
  const { t } = useWords();
  const words = { expected: percent(size.expected), usual: percent(size.usual) };
  return (
    <>
      <strong class="number">±{words.expected}</strong> <span class="quiet">{t("size.usual", words)}</span>
    </>
  );
}
