import { afterEach, expect, test, vi } from "vitest";

import { urlOf, get, getAll, newIdempotencyKey, ProblemError, UnreachableError, write } from "../src/api/client";

afterEach(() => void vi.unstubAllGlobals());

function answer(
  body: unknown,
  options: { status?: number; type?: string; headers?: Record<string, string> } = {},
): void {
  const headers = { "content-type": options.type ?? "application/json", ...options.headers };
  vi.stubGlobal("fetch", () => Promise.resolve(new Response(JSON.stringify(body), { ...options, headers })));
}

test("slots of the path are filled, the rest is the query, nothing stays empty", () => {
  expect(urlOf("/api/stocks/{code}/bars", { code: "0126Z0", limit: 5, cursor: undefined })).toBe(
    "/api/stocks/0126Z0/bars?limit=5",
  );
  expect(urlOf("/api/news", { source: "", stock_code: "a&b=c" })).toBe("/api/news?stock_code=a%26b%3Dc");
  expect(urlOf("/api/news/{news_id}", { news_id: "../keys" })).toBe("/api/news/..%2Fkeys");
});

test("a list is read to its end, however many pages it has", async () => {
  const pages: Record<string, unknown> = {
    "/api/stocks?limit=2": { items: [1, 2], next_cursor: "b" },
    "/api/stocks?limit=2&cursor=b": { items: [3, 4], next_cursor: "c" },
    "/api/stocks?limit=2&cursor=c": { items: [5], next_cursor: null },
  };
  vi.stubGlobal("fetch", (url: string) => Promise.resolve(new Response(JSON.stringify(pages[url]))));
  expect(await getAll("/api/stocks", { limit: 2 })).toEqual([1, 2, 3, 4, 5]);
});

test("a problem keeps its sentence, its request id and how long to wait", async () => {
  const problem = { type: "/problems/database-unavailable", title: "T", status: 503, detail: "D", request_id: "r" };
  answer(problem, { status: 503, type: "application/problem+json", headers: { "retry-after": "5" } });
  const error = await get("/api/health").catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(ProblemError);
  expect(error).toMatchObject({ problem, retryAfter_s: 5, message: "D" });
});

test("an answer that is not the API's is no answer", async () => {
  answer("<html>Bad gateway</html>", { status: 502, type: "text/html" });
  await expect(get("/api/health")).rejects.toBeInstanceOf(UnreachableError);
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  await expect(get("/api/health")).rejects.toBeInstanceOf(UnreachableError);
});

test("a write sends its key once; an answer without a body is fine", async () => {
  const seen: RequestInit[] = [];
  vi.stubGlobal("fetch", (_: string, options: RequestInit) => {
    seen.push(options);
    return Promise.resolve(new Response(null, { status: 204 }));
  });
  await write("DELETE", "/api/session");
  await write("POST", "/api/reports", { stock_code: "005930" }, "k");
  expect(seen.map(({ method, body }) => [method, body])).toEqual([
    ["DELETE", null],
    ["POST", '{"stock_code":"005930"}'],
  ]);
  expect(seen[1]?.headers).toMatchObject({ "Idempotency-Key": "k" });
});

test("keys differ", () => {
  expect(new Set(Array.from({ length: 100 }, newIdempotencyKey)).size).toBe(100);
  expect(newIdempotencyKey()).toMatch(/^[0-9a-f]{32}$/);
});
