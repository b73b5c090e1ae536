// Node knows no import map: this hook (`node --import`) gives it the `@std/…` names of deno.json.
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";

const root = new URL("../../../", import.meta.url);
const { imports } = JSON.parse(readFileSync(new URL("deno.json", root), "utf8"));

registerHooks({
  resolve(specifier, context, next) {
    const mapped = imports[specifier];
    return next(mapped ? new URL(mapped, root).href : specifier, context);
  },
});
