// A chance as a bar from the middle, which is the base rate: nothing to see there, full at 20 points from it.

import type { Side } from "../../components/values";

const WIDTH = 64;
const HEIGHT = 8;
const FULL_AT = 0.2;

interface ChanceProps {
  p: number;
  /** The base rate; one half where a forecast does not name it. */
  usual: number | null | undefined;
  /** That of a call; flat for everything else. */
  side: Side;
}

/** In the colour of its side for a call, grey for everything else. */
export function Chance({ p, usual, side }: ChanceProps) {
  const distance = p - (usual ?? 0.5);
  const length = Math.min(1, Math.abs(distance) / FULL_AT) * (WIDTH / 2);
  return (
    <svg class="chance" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <rect class="chance-track" width={WIDTH} height={HEIGHT} rx={3} />
      <rect class={`chance-${side}`} x={distance < 0 ? WIDTH / 2 - length : WIDTH / 2} width={length} height={HEIGHT} />
      <line class="chance-middle" x1={WIDTH / 2} x2={WIDTH / 2} y1={0} y2={HEIGHT} />
    </svg>
  );
}
