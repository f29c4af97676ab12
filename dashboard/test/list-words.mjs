// Prints the page's words: file, key, Korean, English, tab-separated; `npm run words` adds those that Python writes.

import { readdirSync } from "node:fs";
import { runnerImport } from "vite";

const folder = `${import.meta.dirname}/../src/i18n`;

async function wordsOf(language, file) {
    const { module } = await runnerImport(`${folder}/${language}/${file}`, { configFile: false, logLevel: "error" });
    return Object.assign({}, ...Object.values(module));
}

const seen = new Set();
// index.ts holds the others' words too, so it comes last.
const files = readdirSync(`${folder}/ko`).sort((a, b) => (a === "index.ts") - (b === "index.ts") || a.localeCompare(b));
for (const file of files) {
    const [ko, en] = await Promise.all(["ko", "en"].map((language) => wordsOf(language, file)));
    for (const key of Object.keys(ko).filter((key) => !seen.has(key))) {
        seen.add(key);
        console.log([file, key, ko[key], en[key]].join("\t"));
    }
}
