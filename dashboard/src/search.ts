// Search by name, code, or the initial consonants of a Korean name: "ㅅㅅㅈㅈ" finds 삼성전자.

const INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
const FIRST_SYLLABLE = 0xac00;
const SYLLABLES = 11_172;
const PER_INITIAL = 588;

/** Each Hangul syllable replaced by its initial consonant (U+AC00 + 588 * initial + ...); other letters stay. */
export function initialsOf(text: string): string {
  return Array.from(text, (letter) => {
    const position = letter.charCodeAt(0) - FIRST_SYLLABLE;
    return position >= 0 && position < SYLLABLES ? INITIALS[Math.floor(position / PER_INITIAL)] : letter;
  }).join("");
}

/** Composed (NFC), lower case, without spaces: what is compared. */
function plain(text: string): string {
  return text.normalize("NFC").toLowerCase().replace(/\s+/g, "");
}

export interface Searchable {
  code: string;
  name: string;
  aliases?: string[];
}

/** 0 is an exact match, 3 a match inside of a name; null is none. */
function rankOf(query: string, stock: Searchable): number | null {
  const names = [stock.name, ...(stock.aliases ?? [])].map(plain);
  if (plain(stock.code) === query || names.includes(query)) return 0;
  if (plain(stock.code).startsWith(query) || names.some((name) => name.startsWith(query))) return 1;
  const initials = names.map(initialsOf);
  if (initials.some((name) => name.startsWith(query))) return 2;
  return [...names, ...initials].some((name) => name.includes(query)) ? 3 : null;
}

/** Stocks that match `text`, best first. */
export function findStocks<Stock extends Searchable>(text: string, stocks: readonly Stock[], limit = 8): Stock[] {
  const query = plain(text);
  if (!query) return [];
  const found = stocks.flatMap((stock) => {
    const rank = rankOf(query, stock);
    return rank === null ? [] : [{ stock, rank }];
  });
  return found
    .sort((a, b) => a.rank - b.rank)
    .slice(0, limit)
    .map(({ stock }) => stock);
}
