import { test } from "node:test";
import { oramaStore } from "../../examples/stores/orama.ts";
import { vectorStoreCases } from "../../src/rag/testing/mod.ts";

for (const { name, run } of vectorStoreCases(() => oramaStore(4), 4)) {
  test(`Orama, through examples/stores/orama.ts, ${name}`, run);
}
