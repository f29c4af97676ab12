import type { ComponentChildren } from "preact";

export interface TableRow {
  key: string | number;
  /** The first cell is the head of the row. */
  cells: ComponentChildren[];
  class?: string;
}

interface TableProps {
  label: string;
  head: string[];
  rows: TableRow[];
  /** Rows of short figures stay a table on a phone and scroll inside; others become a card each. */
  isDense?: boolean;
  /** A row is one line, on a phone two. */
  isRows?: boolean;
}

/** A table that scrolls inside of itself, so that the page never does. */
export function Table({ label, head, rows, isDense, isRows }: TableProps) {
  return (
    <div class="wide" tabIndex={0} role="group" aria-label={label}>
      <table class={isRows ? "rows" : isDense ? "dense" : "cards"}>
        <thead>
          <tr>
            {head.map((words) => (
              <th scope="col">{words}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells: [first, ...cells], class: kind }) => (
            <tr key={key} class={kind} data-row={key}>
              <th scope="row">{first}</th>
              {cells.map((cell, index) => (
                <td data-label={head[index + 1]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
