// Client of the public REST API, typed by its OpenAPI document (`npm run types`); only it and build.ts call fetch.
// The browser itself sends If-None-Match and reuses the body of a 304, because answers are `no-cache` with an ETag.

import { addressOf } from "../base";
import { noteServerDate } from "../server-clock";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];

type ResponseBody<Operation> = Operation extends { responses: infer Responses }
  ? {
      [Status in keyof Responses]: Status extends 200 | 201 | 202
        ? Responses[Status] extends { content: { "application/json": infer Body } }
          ? Body
          : never
        : never;
    }[keyof Responses]
  : never;
export type GetPath = {
  [Path in keyof paths]: paths[Path] extends {
    get: { responses: { 200: { content: { "application/json": unknown } } } };
  }
    ? Path
    : never;
}[keyof paths];
export type GetBody<Path extends GetPath> = paths[Path] extends { get: infer Operation }
  ? ResponseBody<Operation>
  : never;
/** Paths of lists that go on with `next_cursor`. */
export type ListPath = {
  [Path in GetPath]: GetBody<Path> extends { items: unknown[]; next_cursor: string | null } ? Path : never;
}[GetPath];
export type ItemOf<Path extends ListPath> = GetBody<Path> extends { items: (infer Item)[] } ? Item : never;
export type Parameters = Record<string, string | number | undefined>;

/** An RFC 9457 problem that the API answered with. */
export class ProblemError extends Error {
  constructor(
    readonly problem: Problem,
    readonly retryAfter_s: number | null,
  ) {
    super(problem.detail);
  }
}

/** No answer of the API: the network failed, or a proxy answered in its place. */
export class UnreachableError extends Error {}

/** `/api/stocks/{code}/bars` with `{code, limit}` is `/api/stocks/005930/bars?limit=260`. */
export function urlOf(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  let url = path;
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || value === "") continue;
    const placeholder = `{${name}}`;
    if (url.includes(placeholder)) url = url.replace(placeholder, encodeURIComponent(value));
    else query.set(name, String(value));
  }
  const suffix = query.toString();
  return suffix ? `${url}?${suffix}` : url;
}

type SendOptions = Omit<RequestInit, "headers"> & { headers?: Record<string, string> };

async function send(url: string, options: SendOptions): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(addressOf(url), { ...options, headers: { Accept: "application/json", ...options.headers } });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new UnreachableError(String(error));
  }
  noteServerDate(response.headers.get("date"));
  if (response.ok) return response;
  throw await problemOf(response);
}

async function problemOf(response: Response): Promise<Error> {
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json");
  if (!isProblem) return new UnreachableError(`HTTP ${response.status}`);
  const wait = Number(response.headers.get("retry-after"));
  return new ProblemError((await response.json()) as Problem, wait > 0 ? wait : null);
}

export async function get<Path extends GetPath>(
  path: Path,
  parameters?: Parameters,
  signal?: AbortSignal,
): Promise<GetBody<Path>> {
  const response = await send(urlOf(path, parameters), { signal: signal ?? null });
  return (await response.json()) as GetBody<Path>;
}

/** The items of a list, however many pages it has; at least `most` of them where there are more. */
export async function getAll<Path extends ListPath>(
  path: Path,
  parameters: Parameters,
  signal?: AbortSignal,
  most = Infinity,
): Promise<ItemOf<Path>[]> {
  const items: ItemOf<Path>[] = [];
  for (let cursor: string | undefined; ;) {
    const page = (await get(path, { ...parameters, cursor }, signal)) as {
      items: ItemOf<Path>[];
      next_cursor: string | null;
    };
    items.push(...page.items);
    if (page.next_cursor === null || items.length >= most) return items;
    cursor = page.next_cursor;
  }
}

export type WriteMethod = "POST" | "PATCH" | "DELETE";

/** Sends a write. With `key` (Idempotency-Key) the API executes a repeated request once. */
export async function write<Body>(method: WriteMethod, path: string, body?: unknown, key?: string): Promise<Body> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (key) headers["Idempotency-Key"] = key;
  const response = await send(path, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
  });
  return (response.status === 204 ? undefined : await response.json()) as Body;
}

/** 128 random bits in hex; crypto.randomUUID exists in secure contexts only; the page may be on a plain-http LAN address. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
