// The only way to the server: the public REST API, typed by its OpenAPI document (`npm run types`).
// The browser itself sends If-None-Match and reuses the body of a 304, because answers are `no-cache` with an ETag.

import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];

type Answer<Operation> = Operation extends { responses: infer Answers }
  ? {
      [Status in keyof Answers]: Status extends 200 | 201 | 202
        ? Answers[Status] extends { content: { "application/json": infer Body } }
          ? Body
          : never
        : never;
    }[keyof Answers]
  : never;
export type GetPath = {
  [Path in keyof paths]: paths[Path] extends {
    get: { responses: { 200: { content: { "application/json": unknown } } } };
  }
    ? Path
    : never;
}[keyof paths];
export type Got<Path extends GetPath> = paths[Path] extends { get: infer Operation } ? Answer<Operation> : never;
export type Parameters = Record<string, string | number | undefined>;

export class ProblemError extends Error {
  constructor(
    readonly problem: Problem,
    readonly retryAfter_s: number | null,
  ) {
    super(problem.detail);
  }
}

/** The API could not be reached at all; there is no request id then. */
export class UnreachableError extends Error {}

/** `/api/stocks/{code}/bars` with `{code, limit}` is `/api/stocks/005930/bars?limit=260`. */
export function addressOf(path: string, parameters: Parameters = {}): string {
  const rest = new URLSearchParams();
  let address = path;
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || value === "") continue;
    const slot = `{${name}}`;
    if (address.includes(slot)) address = address.replace(slot, encodeURIComponent(value));
    else rest.set(name, String(value));
  }
  const query = rest.toString();
  return query ? `${address}?${query}` : address;
}

type SendOptions = Omit<RequestInit, "headers"> & { headers?: Record<string, string> };

async function send(address: string, options: SendOptions): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, { ...options, headers: { Accept: "application/json", ...options.headers } });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new UnreachableError(String(error));
  }
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
): Promise<Got<Path>> {
  const response = await send(addressOf(path, parameters), { signal: signal ?? null });
  return (await response.json()) as Got<Path>;
}

export type Verb = "POST" | "PATCH" | "DELETE";

/** A write. `key` makes a repeated click one order (Idempotency-Key). */
export async function write<Body>(verb: Verb, path: string, body?: unknown, key?: string): Promise<Body> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (key) headers["Idempotency-Key"] = key;
  const response = await send(path, { method: verb, headers, body: body === undefined ? null : JSON.stringify(body) });
  return (response.status === 204 ? undefined : await response.json()) as Body;
}

/** crypto.randomUUID exists in secure contexts only; the page may be on a plain-http LAN address. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
