// A chance as a bar from the middle: nothing to see at 50 %, full at 20 points from it.

const WIDTH = 64;
const HEIGHT = 8;
const FULL_AT = 0.2;

export function Chance({ p, direction }: { p: number; direction: string }) {
  const length = Math.min(1, Math.abs(p - 0.5) / FULL_AT) * (WIDTH / 2);
  const side = direction === "hold" ? "flat" : direction;
  return (
    <svg class="chance" width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
      <rect class="chance-track" width={WIDTH} height={HEIGHT} rx={3} />
      <rect class={`chance-${side}`} x={p < 0.5 ? WIDTH / 2 - length : WIDTH / 2} width={length} height={HEIGHT} />
      <line class="chance-middle" x1={WIDTH / 2} x2={WIDTH / 2} y1={0} y2={HEIGHT} />
    </svg>
  );
}
