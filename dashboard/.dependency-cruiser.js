/** Import rules of the page: no cycles, and dependencies point one way (pages -> components -> views, api -> the rest). */
/** @type {import("dependency-cruiser").IConfiguration} */
export default {
  forbidden: [
    {
      name: "no-cycles",
      comment: "Types count too: files that name each other cannot be read one by one.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "pages-stand-alone",
      comment: "What two pages share belongs in components or views.",
      severity: "error",
      from: { path: "^src/pages/([^/]+)/" },
      to: { path: "^src/pages/", pathNot: "^src/pages/$1/" },
    },
    {
      name: "pages-are-on-top",
      severity: "error",
      from: { path: "^src/", pathNot: ["^src/pages/", "^src/(main|app)\\.tsx$"] },
      to: { path: "^src/pages/" },
    },
    {
      name: "views-and-api-draw-nothing",
      comment: "View models and the API client are tested without a browser's document.",
      severity: "error",
      from: { path: "^src/(views|api|i18n|[^/]+\\.ts$)" },
      to: { path: "^src/(components|pages)/" },
    },
    {
      name: "no-orphans",
      comment: "A file that nothing imports is dead.",
      severity: "error",
      from: { orphan: true, path: "^src/", pathNot: "\\.d\\.ts$" },
      to: {},
    },
    {
      name: "resolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "\\.css$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types", "default"] },
  },
};
