import { describe, expect, test } from "vitest";

import { buildOf, remedyOf } from "../src/views/build";

const old = "/assets/index-old.js";
const fresh = "/assets/index-new.js";
const situation = { served: old, running: old, wasUnreachable: false, reloadedFor: null, hasDraft: false };

describe("a file of the page could not be loaded", () => {
  test.each([
    ["nobody answers: wait", { served: null }, "wait"],
    ["an update has replaced it: reload", { served: fresh }, "reload"],
    [
      "an update, for which this tab has reloaded already: never in a loop",
      { served: fresh, reloadedFor: fresh },
      "ask",
    ],
    ["an update after that one: reload again", { served: fresh, reloadedFor: old }, "reload"],
    ["an update while something typed is not sent: the reader decides", { served: fresh, hasDraft: true }, "ask"],
    ["an outage has passed: reload", { wasUnreachable: true }, "reload"],
    ["an outage has passed, something typed is not sent", { wasUnreachable: true, hasDraft: true }, "ask"],
    ["the same build and no outage: no reload helps", {}, "broken"],
    ["the page is not built", { served: "" }, "broken"],
  ])("%s", (_, more, remedy) => expect(remedyOf({ ...situation, ...more })).toBe(remedy));
});

test("the build of a page is the address of its script", () => {
  expect(buildOf('<title>azak</title><script type="module" crossorigin src="/assets/index-Ab_1.js"></script>')).toBe(
    "/assets/index-Ab_1.js",
  );
  expect(buildOf("<h1>The dashboard is not built yet</h1>")).toBe("");
});
