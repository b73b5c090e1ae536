// `@std/assert` for development: the same code from npm, because JSR is not reachable everywhere.
// @ts-self-types="./assert.d.ts"
export * from "deno-std/assert/mod.js";
