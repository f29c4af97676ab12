// The path that azak is served under, "/" or e.g. "/azak/": the API writes it into <base> (AZAK_API_BASE_PATH).

const element = typeof document === "undefined" ? null : document.querySelector("base");
export const BASE = element?.getAttribute("href") ?? "/";

/** Address in this browser of a path of azak: `/api/news` is `/azak/api/news`. */
export function addressOf(path: string): string {
  return BASE + path.replace(/^\//, "");
}
