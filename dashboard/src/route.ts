// Paths of the page (`/stock/005930`, `/news?stock=005930`), for which the API serves it (backend/api/pages.py). What
// follows the `?` are the filters of the page, so that back, reload and a copied link keep them.

import { useCallback, useEffect, useState } from "preact/hooks";

import { addressOf, BASE } from "./base";

export const PAGES = ["overview", "stock", "call", "report", "news", "models", "operations", "settings"] as const;
export type Page = (typeof PAGES)[number];
/** Pages of one thing each, of which there is no list. */
const NEED_ID: readonly Page[] = ["stock", "call", "report"];

/** Filters by name; an empty value is no filter. */
export type Filter = Record<string, string | undefined>;

export interface Route {
  page: Page;
  /** A stock's code, the id of a call, a report or a news item, or a run's id. */
  id: string | null;
  filter: Filter;
}

/** Percent-decoded `part`; unchanged where it is malformed. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Route of an address without host; the overview for what is unknown. */
export function parseRoute(address: string): Route {
  const [path = "", ...query] = address.slice(BASE.length).split("?");
  const [page = "", id] = path.split("/").map(decoded);
  const filter = Object.fromEntries(new URLSearchParams(query.join("?")));
  const known = PAGES.find((name) => name === page);
  if (!known || (NEED_ID.includes(known) && !id)) return { page: "overview", id: null, filter };
  return { page: known, id: id || null, filter };
}

export function hrefOf(page: Page, id?: string | number | null, filter: Filter = {}): string {
  const set = Object.entries(filter).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const query = new URLSearchParams(set).toString();
  const path = addressOf(page === "overview" ? "" : `${page}${id == null ? "" : `/${encodeURIComponent(id)}`}`);
  return query ? `${path}?${query}` : path;
}

/** The address of the page that is open, without host. */
export function here(): string {
  return location.pathname + location.search;
}

/** Opens an address of the page as a step of the browser's history. */
export function navigate(address: string): void {
  if (address === here()) return;
  history.pushState(null, "", address);
  dispatchEvent(new PopStateEvent("popstate"));
}

/** Whether an address without host is one of the page, and not of the API or a file. */
export function isOfPage(address: string): boolean {
  if (!address.startsWith(BASE)) return false;
  const first = address.slice(BASE.length).split(/[/?]/)[0];
  return first === "" || PAGES.some((page) => page === first);
}

/** Plain clicks on links within the page load nothing anew; all others are the browser's. */
export function followLinks(): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest("a");
    const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (event.defaultPrevented || !isPlain || !link || link.target || link.origin !== location.origin) return;
    const address = link.pathname + link.search;
    if (!isOfPage(address)) return;
    event.preventDefault();
    navigate(address);
  });
}

/** Links of earlier azaks (`/#/stock/005930`) lead where they led. */
export function readOldAddress(): void {
  if (location.hash.startsWith("#/")) history.replaceState(null, "", addressOf(location.hash.slice(2)));
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(here()));
  useEffect(() => {
    const update = () => setRoute(parseRoute(here()));
    addEventListener("popstate", update);
    return () => removeEventListener("popstate", update);
  }, []);
  return route;
}

/** The filters in the address, and a function that changes some of them as a step of the browser's history. */
export function useFilter(): [Filter, (changed: Filter) => void] {
  const { filter } = useRoute();
  const change = useCallback((changed: Filter) => {
    const { page, id, filter } = parseRoute(here());
    navigate(hrefOf(page, id, { ...filter, ...changed }));
  }, []);
  return [filter, change];
}

/** The filters of which `known` has neither the name nor the value, as "name=value"; empty when all are known. */
export function unknownFilters(filter: Filter, known: Record<string, RegExp | readonly string[]>): string {
  const isKnown = (name: string, value: string) => {
    const values = Object.hasOwn(known, name) ? known[name] : undefined;
    return values instanceof RegExp ? values.test(value) : values?.includes(value);
  };
  return Object.entries(filter)
    .filter(([name, value]) => value && !isKnown(name, value))
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
}
