import { defineConfig } from "vitest/config";

// The API serves dist/: hashed files under assets/ for ever, index.html never from a cache. Their addresses are relative
// to its <base>, because the path that azak is served under is a setting of the API.
export default defineConfig({
  base: "./",
  resolve: {
    alias: {
      "react": "preact/compat",
      "react-dom": "preact/compat",
      "react/jsx-runtime": "preact/jsx-runtime",
    },
  },
  build: {
    target: "es2022",
    // Inlined files would be data: URLs, which the content security policy forbids for scripts and styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What several pages share comes in one file; as many small ones each would cost a request and its head lines.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // With the names that the words of both languages are made of, which would be two more small files.
            {
              name: "shared",
              test: /src\/(api|components(?!\/(said|forms|record|frame\/tabs))|pages|views(?!\/(overview|aftermath|ab-test))|i18n\/(ko-en-jobs|model-names))/,
              minShareCount: 2,
              priority: 2,
            },
            // What only the pages with something to fill in need: settings and operations.
            { name: "forms", test: /src\/components\/(forms|frame\/tabs)/, minShareCount: 2, priority: 0 },
            // What the stock page, the largest, does without.
            {
              name: "more",
              test: /src\/(components\/record|views\/(overview|ab-test))/,
              minShareCount: 2,
              priority: 0,
            },
            // What only the pages of a call and a report need.
            { name: "said", test: /src\/(components\/said\/|views\/aftermath)/, minShareCount: 2, priority: 1 },
          ],
        },
      },
    },
    reportCompressedSize: false,
  },
  server: { proxy: { "/api": "http://127.0.0.1:8000", "/sign-in": "http://127.0.0.1:8000" } },
  test: { include: ["test/**/*.test.ts", "test/**/*.test.tsx"], setupFiles: ["test/load-words.ts"] },
});
