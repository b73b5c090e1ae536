import { test } from "node:test";
import { readFile } from "node:fs/promises";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { workbenchAsset, workbenchConfig } from "@locus/core/workbench";
import { assets } from "../../src/workbench/assets.ts";
import { renderAssets } from "../../workbench/build.ts";

test("the generated modules are what workbench/build.ts makes of the sources", async () => {
  const { sources } = await renderAssets();
  for (const [name, source] of Object.entries(sources)) {
    const written = await readFile(new URL(`../../src/workbench/${name}`, import.meta.url), "utf8");
    assert(source === written, `${name}: run \`deno run -A workbench/build.ts\``);
  }
});

test("the page has no script, style, handler or address of its own", () => {
  const { body, contentType } = workbenchAsset("")!;
  assertEquals(contentType, "text/html; charset=utf-8");
  assertEquals(
    body.match(
      /<style|<script(?! type="module" src="workbench\.js"><\/script>)|\son\w+=|style=|https?:/g,
    ),
    null,
  );
});

test("the scripts make no markup, and set no address", () => {
  const scripts = [...assets].filter(([path]) => path.endsWith(".js"));
  assert(scripts.length > 0);
  for (const [path, { body }] of scripts) {
    assertEquals(
      body.match(
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\.href=/g,
      ),
      null,
      path,
    );
  }
});

test("workbenchConfig() hands on the prices", () => {
  const models = { "small-1": { promptPerMillion: 0.1, completionPerMillion: 0.2 } };
  const prices = { promptPerMillion: 1, completionPerMillion: 2, currency: "EUR", models };
  assertEquals(workbenchConfig("x()", { prices }, true), {
    prices: {
      prompt_per_million: 1,
      completion_per_million: 2,
      currency: "EUR",
      models: { "small-1": { prompt_per_million: 0.1, completion_per_million: 0.2 } },
    },
    resume: true,
  });
});

test("workbenchConfig() refuses what is no price, and names it", () => {
  const config = (prices: Record<string, unknown>) => () =>
    workbenchConfig(
      "x()",
      { prices: { promptPerMillion: 1, completionPerMillion: 2, ...prices } },
      true,
    );
  assertThrows(
    config({ promptPerMillion: "1" }),
    TypeError,
    '"prices.promptPerMillion" must be a number, got "1"',
  );
  assertThrows(config({ completionPerMillion: -1 }), RangeError, "at least 0, got -1");
  assertThrows(config({ currency: "euro" }), RangeError, "three capital letters");
  assertThrows(config({ price: 1 }), TypeError, 'unknown option "price"');
});
