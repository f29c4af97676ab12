// The tests speak both languages; a page loads the one of its reader.

import { loadTroubles, loadWords } from "../src/i18n/words";

await Promise.all([loadWords("ko"), loadWords("en")]);
await Promise.all([loadTroubles("ko"), loadTroubles("en")]);
