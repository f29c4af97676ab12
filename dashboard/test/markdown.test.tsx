import { render } from "preact-render-to-string";
import { describe, expect, test } from "vitest";

import { Markdown, safeAddress } from "../src/markdown";

const html = (text: string) =>
  render(<Markdown text={text} headingOffset={1} />).replace(/^<div class="markdown">|<\/div>$/g, "");

describe("what reports are written in", () => {
  test.each([
    ["# Title", "<h2>Title</h2>"],
    ["###### Deep", "<h6>Deep</h6>"],
    ["one\ntwo\n\nthree", "<p>one two</p><p>three</p>"],
    ["- a\n- **b**", "<ul><li>a</li><li><strong>b</strong></li></ul>"],
    ["- a\n\ntext\n- b", "<ul><li>a</li></ul><p>text</p><ul><li>b</li></ul>"],
    ["_lean_ and snake_case_name", "<p><em>lean</em> and snake_case_name</p>"],
    ["1 \\* 2 \\_x\\_ \\[no\\](link)", "<p>1 * 2 _x_ [no](link)</p>"],
  ])("%j", (text, nodes) => expect(html(text)).toBe(nodes));

  test("tables, without their ruler", () => {
    const table = html("| a | b |\n|---|:-:|\n| 1 | x \\| y |");
    expect(table).toContain('<th scope="col">a</th><th scope="col">b</th>');
    expect(table).toContain("<td>1</td><td>x | y</td>");
    expect(table).not.toContain("---");
  });

  test("items of the API open in this page, other links elsewhere and without a referrer", () => {
    expect(html("[n7](/api/news/7)")).toBe('<p><a href="/news/7">n7</a></p>');
    expect(html("[a](https://example.com/x?y=1)")).toBe(
      '<p><a href="https://example.com/x?y=1" target="_blank" rel="noopener noreferrer nofollow">a</a></p>',
    );
  });
});

describe("text from outside stays text", () => {
  test.each([
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "**<b onclick=x>**",
    "# <svg onload=alert(1)>",
    "| <iframe> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
  ])("%s", (text) => expect(html(text)).not.toMatch(/<(script|img|b |svg|iframe)/));

  test.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "//evil.example",
    "/api/keys",
    "/api/news/7/../../keys",
    "#/settings",
    "https://a b",
    "",
  ])("%s leads nowhere", (address) => {
    expect(safeAddress(address)).toBeNull();
    expect(html(`[x](${address})`)).not.toContain("<a");
  });
});
