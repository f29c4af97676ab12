// Hash routes: the server needs to know one page only, and an unknown /api path stays a 404 of the API.

import { useEffect, useState } from "preact/hooks";

export const PAGES = ["overview", "stock", "news", "models", "operations", "settings"] as const;
export type Page = (typeof PAGES)[number];

export interface Route {
  page: Page;
  /** What stands behind the page: a stock's code, a news id, a run's id. */
  of: string | null;
}

/** A part of an address as people read it; one that was never encoded stays as it is. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function parseRoute(hash: string): Route {
  const [page = "", of] = hash.replace(/^#\/?/, "").split("/").map(decoded);
  const known = PAGES.find((name) => name === page);
  if (!known || (known === "stock" && !of)) return { page: "overview", of: null };
  return { page: known, of: of || null };
}

export function hrefOf(page: Page, of?: string | number): string {
  if (page === "overview") return "#/";
  return of === undefined ? `#/${page}` : `#/${page}/${encodeURIComponent(of)}`;
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const follow = () => setRoute(parseRoute(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return route;
}
