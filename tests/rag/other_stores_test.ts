import { test } from "node:test";
import { oramaStore } from "../../examples/stores/orama.ts";
import { pgliteStore } from "../../examples/stores/pglite.ts";
import type { VectorStore } from "../../src/rag/mod.ts";
import { vectorStoreCases } from "../../src/rag/testing/mod.ts";
import { skipWhen } from "../harness/support/requires.ts";

for (const { name, run } of vectorStoreCases(() => oramaStore(4), 4)) {
  test(`Orama, through examples/stores/orama.ts, ${name}`, run);
}

// A native library, which not every machine has one for.
const sqliteVec = await import("../../examples/stores/sqlite_vec.ts").then(({ sqliteVecStore }) => {
  sqliteVecStore(":memory:", 4);
  return () => sqliteVecStore(":memory:", 4);
}).catch(String);
const options = skipWhen(typeof sqliteVec === "string", `sqlite-vec does not load: ${sqliteVec}`);

for (const { name, run } of vectorStoreCases(sqliteVec as () => VectorStore, 4)) {
  test(`sqlite-vec, through examples/stores/sqlite_vec.ts, ${name}`, options, run);
}

// It keeps a WebAssembly of PostgreSQL for each: one is emptied again and again.
const pglite = await pgliteStore("memory://", 4);
const empty = async () => {
  await pglite.delete({ filter: {} });
  return pglite;
};
for (const { name, run } of vectorStoreCases(empty, 4)) {
  test(`PGlite, through examples/stores/pglite.ts, ${name}`, run);
}
