import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { eventCatalogue } from "@locus/core/events";
import { eventWords } from "../../src/view/event_words.ts";
import { readFile } from "node:fs/promises";

const schemas = JSON.parse(
  await readFile(new URL("../../docs/events.schema.json", import.meta.url), "utf8"),
).$defs as Record<string, { properties: Record<string, unknown> }>;

test("eventWords() has a phrase for each event type of the catalogue, made of keys that it has", () => {
  for (const type of Object.keys(eventCatalogue)) {
    const keys = Object.keys(schemas[type]?.properties ?? {});
    const words = eventWords(type, Object.fromEntries(keys.map((key) => [key, `<${key}>`])));
    assert(words !== null && words.length > 3, type);
    assert(!words.includes("?"), `${type}: ${words}`);
    // Without any of them, it is a phrase as well.
    assert(eventWords(type, {})?.includes("undefined") !== true, type);
  }
});

test("eventWords() leaves out what is not known, and takes events of any shape", () => {
  for (
    const [type, data, words] of [
      [
        "rag.query.completed",
        { hit_count: 3, top_score: 0.91, duration_ms: 12 },
        "3 found, best 0.91 · 12 ms",
      ],
      ["rag.query.completed", { hit_count: 0, top_score: null }, "0 found"],
      ["agent.interrupt.answered", { by: null, waited_ms: 61_000 }, "answered after 1 m 01 s"],
      [
        "router.policy.verdict",
        { allow: true, require_approval: false, reason: "low risk" },
        "allowed · low risk",
      ],
      ["state_changed", { key: "n", old_value: null, new_value: { a: 1 } }, 'n: → {"a":1}'],
      ["deepagent.fs.read", { path: {}, byte_count: [] }, "read {}, ? bytes"],
      ["deepagent.todo.added", { content: "read {path} [now]" }, "to do: read {path} [now]"],
      ["run.completed", { outcome: "ok", error: null }, "ok"],
      ["run.started", { name: null, input_preview: "Hi" }, "“Hi”"],
      ["my.own", { a: 1 }, null],
      ["toString", {}, null],
    ] as const
  ) assertEquals(eventWords(type, data), words);
});
