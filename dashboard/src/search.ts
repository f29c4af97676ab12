// Search by name, code, or the initial consonants of a Korean name: "ㅅㅅㅈㅈ" finds 삼성전자.

const INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
const FIRST_SYLLABLE = 0xac00;
const SYLLABLES = 11_172;
const PER_INITIAL = 588;

export function initialsOf(text: string): string {
  return Array.from(text, (letter) => {
    const position = letter.charCodeAt(0) - FIRST_SYLLABLE;
    return position >= 0 && position < SYLLABLES ? INITIALS[Math.floor(position / PER_INITIAL)] : letter;
  }).join("");
}

function plain(text: string): string {
  return text.normalize("NFC").toLowerCase().replace(/\s+/g, "");
}

export interface Named {
  code: string;
  name: string;
  aliases?: string[];
}

/** Smaller is nearer; null is no match. */
function distance(query: string, stock: Named): number | null {
  const names = [stock.name, ...(stock.aliases ?? [])].map(plain);
  if (plain(stock.code) === query || names.includes(query)) return 0;
  if (plain(stock.code).startsWith(query) || names.some((name) => name.startsWith(query))) return 1;
  const initials = names.map(initialsOf);
  if (initials.some((name) => name.startsWith(query))) return 2;
  return [...names, ...initials].some((name) => name.includes(query)) ? 3 : null;
}

export function findStocks<Stock extends Named>(text: string, stocks: readonly Stock[], limit = 8): Stock[] {
  const query = plain(text);
  if (!query) return [];
  const found = stocks.flatMap((stock) => {
    const far = distance(query, stock);
    return far === null ? [] : [{ stock, far }];
  });
  return found
    .sort((a, b) => a.far - b.far)
    .slice(0, limit)
    .map(({ stock }) => stock);
}
