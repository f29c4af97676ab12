// The server's clock, by the Date header of its answers: ages and dates are right however wrong the browser's clock is.

// The header has whole seconds and travels for a while, so a smaller difference is none.
const NOISE_MS = 2_000;
let ahead_ms = 0;

/** Notes how far the server is ahead of this browser; `date` is a Date header. */
export function noteServerDate(date: string | null, browser_ms = Date.now()): void {
  const difference_ms = Date.parse(date ?? "") - browser_ms;
  if (Number.isNaN(difference_ms)) return;
  ahead_ms = Math.abs(difference_ms) < NOISE_MS ? 0 : difference_ms;
}

/** Server's time (ms since 1970) at a moment of this browser's clock. */
export function serverTime_ms(browser_ms = Date.now()): number {
  return browser_ms + ahead_ms;
}
