// `@std/async` for development: the same code from npm, because JSR is not reachable everywhere.
// `jsr.json`, the manifest that is published, maps the bare name to JSR instead.
// @ts-self-types="./async.d.ts"
export { abortable } from "deno-std/async/abortable.js";
export { deadline } from "deno-std/async/deadline.js";
export { delay } from "deno-std/async/delay.js";
export { pooledMap } from "deno-std/async/pool.js";
export { retry, RetryError } from "deno-std/async/retry.js";
