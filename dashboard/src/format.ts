// Formats numbers and times. Times are in Asia/Seoul and labelled KST; a missing value is a dash. Numbers follow the rules
// of backend/domain/figures.py: "50.9%", never a minus before zero.

import { serverTime_ms } from "./server-clock";

export type Language = "ko" | "en";

const ZONE = "Asia/Seoul";
const LOCALES = { ko: "ko-KR", en: "en-GB" } as const;
const MISSING = "–";

const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();
function cached<Format extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => Format): Format {
  const known = formats.get(key) ?? make();
  formats.set(key, known);
  return known as Format;
}

function dateFormat(language: Language, key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return cached(
    `${language} ${key}`,
    () => new Intl.DateTimeFormat(LOCALES[language], { timeZone: ZONE, hourCycle: "h23", ...options }),
  );
}

export function krw(value: number | null | undefined, language: Language): string {
  if (value == null) return MISSING;
  const digits = cached("krw", () => new Intl.NumberFormat("ko-KR", { signDisplay: "negative" })).format(value);
  return language === "ko" ? `${digits}원` : `₩${digits}`;
}

export function count(value: number | null | undefined): string {
  return value == null
    ? MISSING
    : cached(
        "count",
        () => new Intl.NumberFormat("en-US", { maximumFractionDigits: 1, signDisplay: "negative" }),
      ).format(value);
}

/** A number that the API counted up to `limit` only: "1,000+". */
export function countTo(limit: number, value: number): string {
  return value < limit ? count(value) : `${count(limit)}+`;
}

/** `digits` decimals, halves away from zero; what rounds to zero has no sign. */
function fixed(value: number, digits: number): string {
  const size = Math.abs(value).toFixed(digits);
  return value < 0 && Number(size) !== 0 ? `−${size}` : size;
}

/** A share (0.5) as "50.0%". */
export function percent(share: number | null | undefined, digits = 1): string {
  return share == null ? MISSING : `${fixed(share * 100, digits)}%`;
}

export function decimal(value: number | null | undefined, digits = 3): string {
  return value == null ? MISSING : fixed(value, digits);
}

export interface Chances {
  /** The base rate; null where a forecast does not name it. */
  usual: number | null | undefined;
  now: number;
}

const HALF_OF_ONE = 0.005;

/** Chances as so many of 100, with one decimal where they differ by less than half of one. */
export function ofHundred({ usual, now }: Chances): { usual: string | null; now: string } {
  const shown = (digits: number) => ({
    usual: usual == null ? null : fixed(100 * usual, digits),
    now: fixed(100 * now, digits),
  });
  const whole = shown(0);
  return whole.usual === whole.now || Math.abs((usual ?? 0) - now) < HALF_OF_ONE ? shown(1) : whole;
}

/** A relative change in percent with sign and arrow, because colour alone does not reach every reader. */
export function change(share: number | null | undefined, digits = 2): string {
  if (share == null) return MISSING;
  const shown = Math.abs(share * 100).toFixed(digits);
  if (Number(shown) === 0) return `${shown}%`;
  return share > 0 ? `▲ +${shown}%` : `▼ −${shown}%`;
}

/** Date and time in Seoul, with its year unless that is the present one. */
export function moment(iso: string | null | undefined, language: Language, today = dayToday()): string {
  if (!iso) return MISSING;
  const isThisYear = dayOf(iso).slice(0, 4) === today.slice(0, 4);
  const format = dateFormat(language, isThisYear ? "moment" : "moment of a year", {
    ...(!isThisYear && { year: "numeric" }),
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });
  return `${format.format(new Date(iso))} KST`;
}

export function clockTime(iso: string | null | undefined, language: Language): string {
  if (!iso) return MISSING;
  return `${dateFormat(language, "clock", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(new Date(iso))} KST`;
}

/** Hours and minutes; the date as well unless it is today. */
export function shortTime(iso: string, language: Language, today = dayToday()): string {
  if (dayOf(iso) !== today) return moment(iso, language);
  return `${dateFormat(language, "short", { hour: "2-digit", minute: "2-digit" }).format(new Date(iso))} KST`;
}

/** A trading date (YYYY-MM-DD), which has no time zone. */
export function day(date: string | null | undefined): string {
  return date ?? MISSING;
}

/** Date in Seoul of an ISO timestamp, as YYYY-MM-DD. */
export function dayOf(iso: string): string {
  return cached("day", () => new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE })).format(new Date(iso));
}

/** Today's date in Seoul by the server's clock. */
function dayToday(): string {
  return dayOf(new Date(serverTime_ms()).toISOString());
}

const UNITS: [number, Intl.RelativeTimeFormatUnit][] = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
];

/** Seconds from now in the largest whole unit: "3 minutes ago", "in 1 hour". */
export function relative(seconds: number, language: Language): string {
  const format = new Intl.RelativeTimeFormat(LOCALES[language], { numeric: "always" });
  if (seconds > -1 && seconds <= 0) return language === "ko" ? "방금" : "now";
  const [size, unit] = UNITS.find(([size]) => Math.abs(seconds) >= size) ?? [1, "second" as const];
  return format.format(Math.trunc(seconds / size), unit);
}

export function ago(iso: string | null | undefined, now_ms: number, language: Language): string {
  return iso ? relative((Date.parse(iso) - now_ms) / 1000, language) : MISSING;
}

/** Time between two ISO timestamps: "3.3 s", "65 s", "10 min". */
export function duration(from: string | null | undefined, to: string | null | undefined): string {
  if (!from || !to) return MISSING;
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  if (seconds < 10) return `${fixed(seconds, 1)} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
