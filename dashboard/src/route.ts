// Hash routes (`#/stock/005930`, `#/news?stock=005930`): the server has one page only, so an unknown path stays a 404 of
// the API. What follows the `?` are the filters of the page, so that back, reload and a copied link keep them.

import { useCallback, useEffect, useState } from "preact/hooks";

export const PAGES = ["overview", "stock", "news", "models", "operations", "settings"] as const;
export type Page = (typeof PAGES)[number];

/** Filters by name; an empty value is no filter. */
export type Filter = Record<string, string | undefined>;

export interface Route {
  page: Page;
  /** A stock's code, a news id or a run's id. */
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

/** Route of a location hash; the overview for what is unknown. */
export function parseRoute(hash: string): Route {
  const [path = "", ...query] = hash.replace(/^#\/?/, "").split("?");
  const [page = "", id] = path.split("/").map(decoded);
  const filter = Object.fromEntries(new URLSearchParams(query.join("?")));
  const known = PAGES.find((name) => name === page);
  if (!known || (known === "stock" && !id)) return { page: "overview", id: null, filter };
  return { page: known, id: id || null, filter };
}

export function hrefOf(page: Page, id?: string | number | null, filter: Filter = {}): string {
  const set = Object.entries(filter).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const query = new URLSearchParams(set).toString();
  const path = page === "overview" ? "#/" : `#/${page}${id == null ? "" : `/${encodeURIComponent(id)}`}`;
  return query ? `${path}?${query}` : path;
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const update = () => setRoute(parseRoute(location.hash));
    addEventListener("hashchange", update);
    return () => removeEventListener("hashchange", update);
  }, []);
  return route;
}

/** The filters in the address, and a function that changes some of them as a step of the browser's history. */
export function useFilter(): [Filter, (changed: Filter) => void] {
  const { filter } = useRoute();
  const change = useCallback((changed: Filter) => {
    const { page, id, filter } = parseRoute(location.hash);
    location.hash = hrefOf(page, id, { ...filter, ...changed });
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
