import { render } from "preact";

import { App } from "./app";
import { loadWords } from "./i18n/words";
import { loadPreferences } from "./preferences";
import { followLinks, readOldAddress } from "./route";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/charts.css";
import "./styles/print.css";

readOldAddress();
followLinks();
const root = document.getElementById("app");
if (root) void loadWords(loadPreferences().language).then(() => render(<App />, root));
