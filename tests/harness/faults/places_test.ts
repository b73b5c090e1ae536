/** Every planted fault has its place in the sources: otherwise a refactoring would take it out in silence. */
import { test } from "node:test";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assertEquals } from "@std/assert";
import { streams } from "../../conformance/_streams.ts";
import { bridgeFaults } from "./bridge_faults.ts";
import { coreFaults } from "./faults.ts";
import { graphFaults } from "./graph_faults.ts";
import { killedStreams, readerFaults } from "./reader_faults.ts";
import { sqliteFaults } from "./sqlite_faults.ts";
import { transportFaults } from "./transport_faults.ts";

const faults = [
  ...coreFaults,
  ...transportFaults,
  ...sqliteFaults,
  ...bridgeFaults,
  ...graphFaults,
  ...readerFaults,
];

for (const { name, area = "core", file, find } of faults) {
  test(`The place of the fault "${name}" is in src/${area}/${file} exactly once`, () => {
    const path = fileURLToPath(new URL(`../../../src/${area}/${file}`, import.meta.url));
    assertEquals(readFileSync(path, "utf8").split(find).length - 1, 1);
  });
}

test("Every stream of docs/conformance has a kill, and every kill its stream", () => {
  assertEquals([...killedStreams].sort(), streams.map(({ name }) => name).sort());
  assertEquals(streams.filter(({ kill }) => kill.trim() === "").map(({ name }) => name), []);
});
