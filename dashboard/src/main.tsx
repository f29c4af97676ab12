import { render } from "preact";

import { App, prefetch } from "./app";
import { loadWords } from "./i18n/words";
import { loadPreferences } from "./preferences";
import { followLinks, here, parseRoute, readOldAddress } from "./route";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/charts.css";
import "./styles/print.css";

readOldAddress();
followLinks();
prefetch(parseRoute(here()));
const root = document.getElementById("app");
if (root) void loadWords(loadPreferences().language).then(() => render(<App />, root));
