// Lines in which two reports differ.

export interface DiffLine {
  mark: "same" | "new" | "gone";
  text: string;
}

/** Length of the longest common subsequence of `a` from line i on and `b` from line j on. */
function commonLengths(a: readonly string[], b: readonly string[]): (i: number, j: number) => number {
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  return at;
}

/** `after` against `before` by longest common subsequence; empty lines are left out, new lines stand before gone ones. */
export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split("\n").filter(Boolean);
  const b = after.split("\n").filter(Boolean);
  const commonLength = commonLengths(a, b);
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const [old, added] = [a[i], b[j]];
    if (old !== undefined && old === added) {
      lines.push({ mark: "same", text: old });
      i++;
      j++;
    } else if (added !== undefined && (old === undefined || commonLength(i, j + 1) >= commonLength(i + 1, j))) {
      lines.push({ mark: "new", text: added });
      j++;
    } else if (old !== undefined) {
      lines.push({ mark: "gone", text: old });
      i++;
    } else return lines;
  }
}
