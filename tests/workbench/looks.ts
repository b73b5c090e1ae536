/**
 * The looks that the page is known by, in `looks/`; after a change that is meant, taken anew:
 *
 * ```sh
 * deno task looks
 * ```
 *
 * @module
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { openBrowser, type View } from "./_browser.ts";
import { Eye } from "./_look.ts";
import { photograph } from "./gallery.ts";

/** A state of the gallery, and when it is there. */
export interface KnownLook extends View {
  readonly name: string;
  readonly ready: string;
}

const events = ".event-row:visible";
const wide = { width: 1440, height: 900 };
const narrow = { width: 390, height: 844 };

/** Each part of the page once, and each size and colour scheme. */
export const looks: readonly KnownLook[] = [
  { name: "empty", ready: ".landing:visible", ...wide },
  { name: "list", ready: events, ...wide },
  { name: "live", ready: events, ...wide },
  { name: "live", ready: events, ...wide, scheme: "dark" },
  { name: "live", ready: events, width: 1024, height: 768 },
  { name: "live", ready: ".span-row:visible", ...narrow },
  { name: "failed", ready: events, ...wide },
  { name: "failed", ready: events, ...wide, scheme: "dark" },
  { name: "waiting", ready: ".question:visible", ...wide },
  { name: "waiting", ready: ".question:visible", ...narrow, scheme: "dark" },
  { name: "gaps", ready: events, ...wide },
  { name: "lanes", ready: events, ...wide },
  { name: "prompt", ready: events, ...wide },
  { name: "query", ready: events, ...wide },
  { name: "graph", ready: ".graph-box:visible", ...wide },
  { name: "graph", ready: ".graph-box:visible", ...wide, scheme: "dark" },
  { name: "talk", ready: ".talk > :visible", ...wide },
  { name: "plain", ready: events, ...wide },
  { name: "help", ready: events, ...wide },
];

/** Where the look is kept. */
export function keptIn({ name, width, scheme = "light" }: KnownLook): URL {
  return new URL(`looks/${name}_${width}_${scheme}.png`, import.meta.url);
}

if (import.meta.main) {
  const folder = new URL("looks/", import.meta.url);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  const browser = await openBrowser();
  const eye = await Eye.of(browser);
  for (const look of looks) {
    const { png, problems } = await photograph(browser, look.name, look);
    const { small } = await eye.look(png);
    await writeFile(keptIn(look), small);
    for (const problem of problems) console.log(`${look.name} ${look.width}: ${problem}`);
  }
  await browser.close();
}
