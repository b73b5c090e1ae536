import { test } from "node:test";
import { assertEquals } from "@std/assert";
import type { PictureSpan } from "@locus/core/view";
import {
  contentWords,
  inputWords,
  outputWords,
  waitingCalls,
} from "../../src/view/content_words.ts";
import { Script } from "./_script.ts";

const content = (kind: string, content: unknown, direction = "input") => ({
  span_id: "a",
  direction,
  kind,
  base_span_id: null,
  from_index: 0,
  content,
  truncated: false,
  bytes: 1,
});

test("contentWords() says each kind of content on one line, whatever its shape is", () => {
  const say = (role: string, text: string) => ({ role, parts: [{ type: "text", content: text }] });
  const cases: [kind: string, content: unknown, words: string][] = [
    ["text", "How large is it?", "How large is it?"],
    ["arguments", { path: "src", depth: 2, all: true }, "path=src  depth=2  all=true"],
    ["arguments", "not JSON", "not JSON"],
    ["arguments", [1, 2], "[1,2]"],
    ["messages", [say("system", "Be kind."), say("user", "Hi")], "2 messages  user: Hi"],
    ["messages", ["broken"], "1 message"],
    [
      "documents",
      [{ id: "d1", score: 0.912, text: "…" }, { id: "d2", score: null }, 7],
      "3 documents  d1 (0.91), d2, ?",
    ],
    ["documents", [], "0 documents"],
    ["json", null, "null"],
    ["json", undefined, ""],
  ];
  for (const [kind, value, words] of cases) {
    assertEquals(contentWords(content(kind, value) as never), words);
  }
  assertEquals(contentWords(content("text", "x".repeat(5_000)) as never).length, 1_000);
});

test("inputWords() and outputWords() take the latest of what went in and came out", () => {
  const script = new Script().start("search", "a")
    .emitAny("span.content", content("arguments", { q: "TODO" }))
    .emitAny("span.content", content("arguments", { q: "FIXME" }))
    .emitAny("span.content", content("answer", "yes"))
    .emitAny("span.content", content("result", "22 lines", "output"));
  const [turn] = script.picture.rows;
  const span = turn?.kind === "span" ? turn : turn?.kind === "turn" ? turn.children[0] : null;
  const { conversation } = script.picture;
  assertEquals(inputWords(span as PictureSpan, conversation), "q=FIXME");
  assertEquals(outputWords(span as PictureSpan, conversation), "22 lines");
});

test("waitingCalls() says what an approval is about", () => {
  const question = { interrupt_id: "i", question_preview: "Pay?", options: null };
  const script = new Script().chunk("I pay.").turn(0, 1).start("pay", "a")
    .emitAny("span.content", content("arguments", { amount: 12 }));
  assertEquals(waitingCalls(script.picture), []);
  assertEquals(waitingCalls(script.emit("agent.interrupt", question).picture), ["pay  amount=12"]);
  const unknown = new Script().chunk("I pay.").turn(0, 1).start("pay", "a")
    .emit("agent.interrupt", question);
  assertEquals(waitingCalls(unknown.picture), ["pay"]);
});
