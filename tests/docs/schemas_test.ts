import { test } from "node:test";
import { readFile } from "node:fs/promises";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import { assert, assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import { eventCatalogue, isEventType, isRunId, parseEventId } from "@locus/core/events";
import { files, render } from "../../docs/generate_schemas.ts";

async function written(name: string): Promise<string> {
  return await readFile(new URL(`../../docs/${name}`, import.meta.url), "utf8");
}

for (const [name, file] of Object.entries(files)) {
  test(`docs/${name} says what the catalogue says`, async () => {
    assert(
      await written(name) === render(file),
      "it is stale: run `deno run -A docs/generate_schemas.ts`",
    );
  });
}

test("docs/asyncapi.json is an AsyncAPI document, and all that it refers to is there", async () => {
  const path = "../../node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json";
  const rules = JSON.parse(await readFile(new URL(path, import.meta.url), "utf8"));
  const isValid = new Ajv({ strict: false, validateFormats: false }).compile(rules);
  const document: Document = JSON.parse(await written("asyncapi.json"));
  const isOne: boolean = isValid(document);
  assert(isOne, JSON.stringify(isValid.errors?.slice(0, 3)));
  const { title: _, ...untitled } = document.info;
  assertEquals(isValid({ ...document, info: untitled }), false, "the rules are looked at");

  const refs = JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g);
  for (const [, path] of refs) {
    const found = path!.split("/").reduce<unknown>(partOf, document);
    assert(found !== undefined, path);
  }
  const names = Object.keys(eventCatalogue).sort();
  assertEquals(Object.keys(document.components.messages).sort(), names);
});

test("docs/events.schema.json accepts what the bus delivers, and names what is no event", async () => {
  const isEvent = await compileEvents();
  const bus = new EventBus();
  bus.publish({ run_id: "r", event_type: "shop.paid", data: { amount: 10 } });
  const read = { path: "a.txt", byte_count: 3 };
  bus.publish({ run_id: "r", event_type: "deepagent.fs.read", data: read });
  const events = bus.history();
  assertEquals(events.map((event) => isEvent(event)), [true, true]);
  const wrong = [
    { ...events[0], data: { path: "a.txt" } },
    { ...events[0], event_id: "a b" },
    { ...events[0], run_id: ".." },
    { ...events[0], timestamp: 5 },
    { ...events[1], data: [] },
  ];
  assertEquals(wrong.map((event) => isEvent(event)), wrong.map(() => false));
});

test("docs/events.schema.json has the rules for ids that the bus has", async () => {
  const { properties } = JSON.parse(await written("events.schema.json"));
  const fits = (key: string, id: string) => new RegExp(properties[key].pattern).test(id);
  const ids = [
    "a",
    "..",
    ".",
    "...",
    "a b",
    "",
    "x".repeat(128),
    "x".repeat(129),
    "a+~=@",
    "é",
    "a\n",
  ];
  for (const id of ids) assertEquals(fits("run_id", id), isRunId(id), id);
  for (const id of ["k-0", "k-1", "k-01", "-1", "k-", "k3v9-17", "k_-1"]) {
    assertEquals(fits("event_id", id), parseEventId(id) !== null, id);
  }
  for (const type of ["agent.think", "a b", "", "x".repeat(65), "a:b_c-d"]) {
    assertEquals(fits("event_type", type), isEventType(type), type);
  }
});

/** What of an AsyncAPI document is read here. */
interface Document {
  info: { title: string };
  components: { messages: object };
}

function partOf(node: unknown, key: string): unknown {
  return (node as Record<string, unknown> | undefined)?.[key];
}

async function compileEvents() {
  const schema = JSON.parse(await written("events.schema.json"));
  return new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
}
