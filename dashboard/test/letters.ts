// What a sentence of one language may hold of the other's letters: names, terms, settings and commands.

const NAMES = ["azak", "API", "KRX", "KOSPI", "KOSDAQ", "KIS", "KST", "PostgreSQL", "pgvector", "pg_trgm", "English"];
const TERMS = [
  "A/B",
  "PER",
  "CSV",
  "PDF",
  "HTML",
  "JSON",
  "URL",
  "LLM",
  "NTP",
  "ETF",
  "ETN",
  "MB",
  "Brier",
  "ECE",
  "EWMA",
];
const LETTERS = ["A", "B", "n", "p"];
const COMMAND =
  /azak (?:doctor|up|worker|keys add|db migrate|jobs (?:resume|run(?: refresh_stocks)?)|models rollback|stocks seen|sources(?: check)?)/g;
const SETTING = /AZAK_[A-Z_]+(?:=true)?|azak\.env|ulimit -n/g;
const SLOT = /\{\w+\}/g;
const KOREAN = ["한국어", "삼성전자", "ㅅㅅㅈㅈ"];

/** Latin words of a Korean sentence that stand on no list. */
export function foreignInKorean(words: string): string[] {
  const bare = [SLOT, COMMAND, SETTING].reduce((left, known) => left.replace(known, " "), words);
  const known = new Set([...NAMES, ...TERMS, ...LETTERS]);
  return (bare.match(/[A-Za-z][A-Za-z_/]*/g) ?? []).filter((word) => !known.has(word));
}

/** Korean words of an English sentence that stand on no list. */
export function foreignInEnglish(words: string): string[] {
  return (words.match(/[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]+/g) ?? []).filter((word) => !KOREAN.includes(word));
}
