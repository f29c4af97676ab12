// Numbers and moments as people read them. Times are always Seoul's, and always say so.

export type Language = "ko" | "en";

const ZONE = "Asia/Seoul";
const LOCALES = { ko: "ko-KR", en: "en-GB" } as const;
const NONE = "–";

const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();
function once<Format extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: () => Format): Format {
  const known = formats.get(key) ?? make();
  formats.set(key, known);
  return known as Format;
}

function parts(language: Language, key: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return once(
    `${language} ${key}`,
    () => new Intl.DateTimeFormat(LOCALES[language], { timeZone: ZONE, hourCycle: "h23", ...options }),
  );
}

export function krw(value: number | null | undefined, language: Language): string {
  if (value == null) return NONE;
  const digits = once(`krw`, () => new Intl.NumberFormat("ko-KR")).format(value);
  return language === "ko" ? `${digits}원` : `₩${digits}`;
}

export function count(value: number | null | undefined): string {
  return value == null
    ? NONE
    : once("count", () => new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 })).format(value);
}

/** A figure that was counted up to `limit` only. */
export function countTo(limit: number, value: number): string {
  return value < limit ? count(value) : `${count(limit)}+`;
}

export function percent(share: number | null | undefined, digits = 1): string {
  return share == null ? NONE : `${(share * 100).toFixed(digits)}%`;
}

export function decimal(value: number | null | undefined, digits = 3): string {
  return value == null ? NONE : value.toFixed(digits);
}

/** A change with its sign and mark, so that colour is never the only carrier. */
export function change(share: number | null | undefined, digits = 2): string {
  if (share == null) return NONE;
  const shown = Math.abs(share * 100).toFixed(digits);
  if (Number(shown) === 0) return `${shown}%`;
  return share > 0 ? `▲ +${shown}%` : `▼ −${shown}%`;
}

export function moment(iso: string | null | undefined, language: Language): string {
  if (!iso) return NONE;
  const format = parts(language, "moment", { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
  return `${format.format(new Date(iso))} KST`;
}

export function clockTime(iso: string | null | undefined, language: Language): string {
  if (!iso) return NONE;
  return `${parts(language, "clock", { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(new Date(iso))} KST`;
}

/** Hours and minutes if it is today, else the day as well. */
export function shortTime(iso: string, language: Language, today = dayOf(new Date().toISOString())): string {
  if (dayOf(iso) !== today) return moment(iso, language);
  return `${parts(language, "short", { hour: "2-digit", minute: "2-digit" }).format(new Date(iso))} KST`;
}

/** A trading date (YYYY-MM-DD) as it is; it has no zone. */
export function day(date: string | null | undefined): string {
  return date ?? NONE;
}

/** The date in Seoul of a moment, as YYYY-MM-DD. */
export function dayOf(iso: string): string {
  return once("day", () => new Intl.DateTimeFormat("sv-SE", { timeZone: ZONE })).format(new Date(iso));
}

const UNITS: [number, Intl.RelativeTimeFormatUnit][] = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
];

export function relative(seconds: number, language: Language): string {
  const format = new Intl.RelativeTimeFormat(LOCALES[language], { numeric: "always" });
  if (seconds > -1 && seconds <= 0) return language === "ko" ? "방금" : "now";
  const [size, unit] = UNITS.find(([size]) => Math.abs(seconds) >= size) ?? [1, "second" as const];
  return format.format(Math.trunc(seconds / size), unit);
}

export function ago(iso: string | null | undefined, now_ms: number, language: Language): string {
  return iso ? relative((Date.parse(iso) - now_ms) / 1000, language) : NONE;
}

export function duration(from: string | null | undefined, to: string | null | undefined): string {
  if (!from || !to) return NONE;
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
