/** When a model began to write: by its text, else by what its span says. */
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { Script } from "./_script.ts";

const model = { span_id: "m", parent_span_id: null, name: "gpt-5", kind: "model" };

/** How long after its beginning the first token of the only turn came. */
function firstAfter({ picture }: Script): number | null {
  const [turn] = picture.rows;
  if (turn?.kind !== "turn" || turn.firstTokenAt === null) return null;
  return turn.firstTokenAt - turn.startedAt;
}

function chunk(script: Script, text: string): Script {
  return script.emitAny("agent.model.chunk", { content_preview: text, span_id: "m" });
}

function end(script: Script, attributes: object): Script {
  return script.emitAny("span.completed", {
    ...model,
    success: true,
    duration_ms: 900,
    error: null,
    attributes,
  });
}

const begun = () => new Script().emit("span.started", { ...model, attributes: {} });

test("a turn knows when the first of its text arrived; an empty piece is none", () => {
  const script = chunk(begun().wait(100), "");
  assertEquals(firstAfter(script), null);
  chunk(chunk(script.wait(200), "The").wait(300), " order");
  assertEquals(firstAfter(script), 300);
  assertEquals(firstAfter(end(script, {})), 300);
});

test("what the span of a model call says of its first token counts, also where it streamed no text", () => {
  assertEquals(firstAfter(end(begun().wait(900), { first_token_ms: 250 })), 250);
  assertEquals(firstAfter(end(chunk(begun().wait(400), "a"), { first_token_ms: 250 })), 250);
  assertEquals(firstAfter(end(begun().wait(900), { first_token_ms: "soon" })), null);
});

test("a recording without attempts forgets the first token of a call that is made again", () => {
  const script = new Script().chunk("a").wait(500);
  script.emitAny("agent.model.retry", { attempt: 1, reason: "rate_limit" });
  assertEquals(firstAfter(script), null);
  assertEquals(firstAfter(script.wait(500).chunk("b")), 1_000);
});
