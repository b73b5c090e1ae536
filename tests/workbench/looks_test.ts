/** The page looks as it is known to, from afar; and this notices what a person would. */
import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { requires } from "../harness/support/requires.ts";
import { differences, Eye } from "./_look.ts";
import { sharedBrowser } from "./_window.ts";
import { photograph } from "./gallery.ts";
import { keptIn, type KnownLook, looks } from "./looks.ts";

const needs = await requires("chromium", "one-runtime");
let eye: Eye | null = null;

/**
 * Where the page looks otherwise than it is known to, and its picture. What comes a moment later is waited for; where
 * `rules` change how it looks, until it is at rest.
 */
async function compare(look: KnownLook, rules?: string) {
  const browser = await sharedBrowser();
  const reader = eye ??= await Eye.of(browser);
  const known = await reader.remember(await readFile(keptIn(look)));
  const placesOf = async (png: Uint8Array) => differences(known, await reader.look(png));
  const { png, problems } = await photograph(browser, look.name, {
    ...look,
    ...(rules === undefined
      ? { accept: async (png) => (await placesOf(png)).length === 0 }
      : { rules }),
  });
  assertEquals(problems, []);
  return { png, places: await placesOf(png) };
}

for (const look of looks) {
  const { name, width, scheme = "light" } = look;
  test(`the page looks as it did: ${name}, ${width} pixels wide, ${scheme}`, needs, async () => {
    const { png, places } = await compare(look);
    if (places.length === 0) return;
    const file = `${await mkdtemp(`${tmpdir()}/look-`)}/${name}.png`;
    await writeFile(file, png);
    const some = places.slice(0, 8).map(({ x, y }) => `${x},${y}`).join(" ");
    throw new Error(
      `${places.length} places look otherwise, at ${some} …: see ${file}; if it is meant, "deno task looks" keeps it`,
    );
  });
}

for (
  const [fault, rules] of [
    ["a panel that moves", ".pane-events { translate: 40px }"],
    ["a colour that is lost", ":root { --bad: var(--quiet) }"],
    ["a text that is missing", ".event-text { visibility: hidden }"],
  ] as const
) {
  test(`looks tell of ${fault}`, needs, async () => {
    const look = looks.find(({ name }) => name === "failed")!;
    assert((await compare(look, rules)).places.length > 0);
  });
}
