// The tests speak both languages; a page loads the one of its reader.

import { loadRare, loadWords, loadWordsOf } from "../src/i18n/words";

await Promise.all([loadWords("ko"), loadWords("en")]);
await Promise.all([loadRare("ko"), loadRare("en")]);
await Promise.all((["calls", "models", "operations", "settings", "stock"] as const).map(loadWordsOf));
