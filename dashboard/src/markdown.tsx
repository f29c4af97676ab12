// Markdown of reports as nodes: headings, lists, tables, bold, and links that are http(s) or our own pages.
// Never innerHTML: headlines from outside stand in these texts. Whatever is not known here is shown as text.

import type { ComponentChildren, VNode } from "preact";

const INLINE =
  /\\([\\`*_{}[\]()#|~!@+./:-])|\*\*((?:\\.|[^*\\])+)\*\*|\[((?:\\.|[^[\]\\])+)\]\(([^()\s]+)\)|&(lt|gt|amp);|(?<![\w\\])_((?:\\.|[^_\\])+)_(?!\w)/g;
const ENTITIES: Record<string, string> = { lt: "<", gt: ">", amp: "&" };

/** Where a link may lead; null for every other scheme. Items of the API open as news of this page. */
export function safeAddress(address: string): string | null {
  const item = /^\/api\/news\/(\d+)$/.exec(address);
  if (item) return `#/news/${item[1]}`;
  return /^https?:\/\/[^\s]+$/i.test(address) ? address : null;
}

function link(label: string, address: string): ComponentChildren {
  const safe = safeAddress(address);
  if (!safe) return `[${plain(label)}](${address})`;
  const outside = safe.startsWith("#") ? {} : { target: "_blank", rel: "noopener noreferrer nofollow" };
  return (
    <a href={safe} {...outside}>
      {inline(label)}
    </a>
  );
}

function plain(text: string): string {
  return text.replace(/\\(.)/g, "$1");
}

export function inline(text: string): ComponentChildren[] {
  const found: ComponentChildren[] = [];
  let last = 0;
  for (const match of text.matchAll(INLINE)) {
    found.push(text.slice(last, match.index));
    const [whole, escaped, bold, label, address, entity, leaning] = match;
    if (escaped !== undefined) found.push(escaped);
    else if (bold !== undefined) found.push(<strong>{inline(bold)}</strong>);
    else if (label !== undefined && address !== undefined) found.push(link(label, address));
    else if (entity !== undefined) found.push(ENTITIES[entity]);
    else if (leaning !== undefined) found.push(<em>{inline(leaning)}</em>);
    last = match.index + whole.length;
  }
  found.push(text.slice(last));
  return found.filter((part) => part !== "");
}

type Kind = "heading" | "list" | "table" | "text";

function kindOf(line: string): Kind {
  if (/^#{1,6} /.test(line)) return "heading";
  if (/^\s*[-*] /.test(line)) return "list";
  return line.startsWith("|") ? "table" : "text";
}

/** Lines that belong together; a heading stands alone, an empty line ends a block. */
function blocksOf(text: string): { kind: Kind; lines: string[] }[] {
  const blocks: { kind: Kind; lines: string[] }[] = [];
  let open = false;
  for (const line of text.split(/\r?\n/)) {
    const kind = kindOf(line);
    const last = blocks.at(-1);
    if (!line.trim()) open = false;
    else if (open && last && last.kind === kind && kind !== "heading") last.lines.push(line);
    else {
      blocks.push({ kind, lines: [line] });
      open = true;
    }
  }
  return blocks;
}

function cells(line: string): string[] {
  return line
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}

function table(lines: string[]): VNode {
  const [head = [], ...rows] = lines.filter((line) => !/^\|[\s|:-]+\|$/.test(line)).map(cells);
  return (
    <div class="wide" tabIndex={0} role="group">
      <table>
        <thead>
          <tr>
            {head.map((cell) => (
              <th scope="col">{inline(cell)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr>
              {row.map((cell) => (
                <td>{inline(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function heading(line: string, below: number): VNode {
  const [, marks = "#", text = ""] = /^(#{1,6}) (.*)$/.exec(line) ?? [];
  const Tag = `h${Math.min(6, marks.length + below)}` as "h3";
  return <Tag>{inline(text)}</Tag>;
}

/** `below`: levels of headings above this text on the page. */
export function Markdown({ text, below = 2 }: { text: string; below?: number }) {
  return (
    <div class="markdown">
      {blocksOf(text).map(({ kind, lines }) => {
        if (kind === "heading") return heading(lines[0] ?? "", below);
        if (kind === "list")
          return (
            <ul>
              {lines.map((line) => (
                <li>{inline(line.replace(/^\s*[-*] /, ""))}</li>
              ))}
            </ul>
          );
        if (kind === "table") return table(lines);
        return <p>{inline(lines.join(" "))}</p>;
      })}
    </div>
  );
}
