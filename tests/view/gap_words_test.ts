import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { gapWords } from "../../src/view/gap_words.ts";

test("G3: gapWords() says what a gap means, whatever its payload is", () => {
  const cases: [data: object, words: string][] = [
    [{ reason: "new_epoch", count: 0 }, "the server was restarted; what it held is gone"],
    [
      { reason: "new_epoch", count: 12 },
      "the server was restarted; what it held is gone · 12 events missing since",
    ],
    [{ reason: "unknown_cursor", count: 0 }, "delivery starts anew (unknown_cursor)"],
    [{ reason: "lagged", count: 29 }, "29 events missing (lagged)"],
    [{ reason: "evicted", count: 1 }, "1 event missing (evicted)"],
    [{ reason: "moved", count: -1 }, "delivery starts anew (moved)"],
    [{}, "delivery starts anew ()"],
  ];
  for (const [data, words] of cases) assertEquals(gapWords(data as never), words);
});
