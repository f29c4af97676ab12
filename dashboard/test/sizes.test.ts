import { expect, test } from "vitest";

import { sizeWord } from "../src/views/sizes";

test.each([
  [0.025, 0.02, "larger"],
  [0.0249, 0.02, "usual"],
  [0.0161, 0.02, "usual"],
  [0.016, 0.02, "smaller"],
  [0.02, 0, "usual"],
])("%d where %d is usual: %s", (expected, usual, word) => expect(sizeWord({ expected, usual })).toBe(word));
