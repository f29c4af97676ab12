// Renders the Markdown of reports: headings, lists, tables, bold, italic, and links to http(s) or to news of this page.
// Never innerHTML, because reports quote headlines of strangers; other syntax is shown as text (docs/decisions/dependencies.md).

import type { ComponentChildren, VNode } from "preact";

import { hrefOf, isOfPage } from "./route";

const INLINE =
  /\\([\\`*_{}[\]()#|~!@+./:-])|\*\*((?:\\.|[^*\\])+)\*\*|\[((?:\\.|[^[\]\\])+)\]\(([^()\s]+)\)|&(lt|gt|amp);|(?<![\w\\])_((?:\\.|[^_\\])+)_(?!\w)/g;
const ENTITIES: Record<string, string> = { lt: "<", gt: ">", amp: "&" };

/** The address if it is http(s), a route of this page for an item of the API (/api/news/7), null for all else. */
export function safeAddress(address: string): string | null {
  const item = /^\/api\/news\/(\d+)$/.exec(address);
  if (item) return hrefOf("news", item[1]);
  return /^https?:\/\/[^\s]+$/i.test(address) ? address : null;
}

function link(label: string, address: string): ComponentChildren {
  const safe = safeAddress(address);
  if (!safe) return `[${plain(label)}](${address})`;
  const outside = isOfPage(safe) ? {} : { target: "_blank", rel: "noopener noreferrer nofollow" };
  return (
    <a href={safe} {...outside}>
      {inline(label)}
    </a>
  );
}

function plain(text: string): string {
  return text.replace(/\\(.)/g, "$1");
}

/** Nodes of one line: escapes, bold, italic, links and entities. */
export function inline(text: string): ComponentChildren[] {
  const nodes: ComponentChildren[] = [];
  let last = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(text.slice(last, match.index));
    const [whole, escaped, bold, label, address, entity, italic] = match;
    if (escaped !== undefined) nodes.push(escaped);
    else if (bold !== undefined) nodes.push(<strong>{inline(bold)}</strong>);
    else if (label !== undefined && address !== undefined) nodes.push(link(label, address));
    else if (entity !== undefined) nodes.push(ENTITIES[entity]);
    else if (italic !== undefined) nodes.push(<em>{inline(italic)}</em>);
    last = match.index + whole.length;
  }
  nodes.push(text.slice(last));
  return nodes.filter((part) => part !== "");
}

type Kind = "heading" | "list" | "table" | "text";

function kindOf(line: string): Kind {
  if (/^#{1,6} /.test(line)) return "heading";
  if (/^\s*[-*] /.test(line)) return "list";
  return line.startsWith("|") ? "table" : "text";
}

/** Splits text into blocks of lines of one kind; a heading is a block, an empty line ends one. */
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

function heading(line: string, headingOffset: number): VNode {
  const [, marks = "#", text = ""] = /^(#{1,6}) (.*)$/.exec(line) ?? [];
  const Tag = `h${Math.min(6, marks.length + headingOffset)}` as "h3";
  return <Tag>{inline(text)}</Tag>;
}

/** `headingOffset` is added to the level of every heading: 1 makes `#` an h2. */
export function Markdown({ text, headingOffset = 2 }: { text: string; headingOffset?: number }) {
  return (
    <div class="markdown">
      {blocksOf(text).map(({ kind, lines }) => {
        if (kind === "heading") return heading(lines[0] ?? "", headingOffset);
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
