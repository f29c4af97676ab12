// Hash routes (`#/stock/005930`): the server has one page only, so an unknown path stays a 404 of the API.

import { useEffect, useState } from "preact/hooks";

export const PAGES = ["overview", "stock", "news", "models", "operations", "settings"] as const;
export type Page = (typeof PAGES)[number];

export interface Route {
  page: Page;
  /** A stock's code, a news id or a run's id. */
  id: string | null;
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
  const [page = "", id] = hash.replace(/^#\/?/, "").split("/").map(decoded);
  const known = PAGES.find((name) => name === page);
  if (!known || (known === "stock" && !id)) return { page: "overview", id: null };
  return { page: known, id: id || null };
}

export function hrefOf(page: Page, id?: string | number): string {
  if (page === "overview") return "#/";
  return id === undefined ? `#/${page}` : `#/${page}/${encodeURIComponent(id)}`;
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
