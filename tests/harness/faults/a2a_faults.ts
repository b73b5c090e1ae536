/**
 * Faults of A2A: each would tell a client twice, too little, or what is not so.
 *
 * @module
 */
import type { Fault } from "./faults.ts";

const LOG = "server/task_log.ts";
const SHAPES = "protocol/shapes.ts";

/** The name, the file, the text that is replaced, what with, the tests that must notice, and a part of their names. */
type Row = readonly [
  name: string,
  file: string,
  find: string,
  replace: string,
  tests: string,
  test: string,
];

const rows: readonly Row[] = [
  [
    "an answer that nobody worked on counts as given after a restart",
    "server/task_store.ts",
    "sent: sent.slice(0, taken)",
    "sent",
    "restart_test.ts",
    "can be sent again",
  ],
  [
    "a server reads the tasks of another, and does not take them",
    "server/task_store.ts",
    "closed ? 0 : await this.#bus.claim(id, PRODUCER)",
    "closed ? 0 : 0",
    "takeover_test.ts",
    "A task that is taken over",
  ],
  [
    "an answer is worked on before it is known whose the task is",
    "server/work_on_task.ts",
    "if (resumed) await log.stored();",
    "",
    "takeover_test.ts",
    "both given the answer",
  ],
  [
    "a server forgets what another has taken over",
    "server/served_tasks.ts",
    "(isStored) => isStored && this",
    "() => this",
    "takeover_test.ts",
    "does not forget",
  ],
  [
    "a stream goes on with the task of now",
    "server/operations.ts",
    "from: place ?? log.place",
    "from: place === null ? log.place : { ...place, task: log.place.task }",
    "stream_test.ts",
    "cut anywhere",
  ],
  [
    "a stream goes on from now",
    LOG,
    "subscribe(this.#id, { after, signal })",
    "subscribe(this.#id, { after: after && this.place.eventId, signal })",
    "stream_test.ts",
    "cut anywhere",
  ],
  [
    "what is appended takes the place of what was there",
    "protocol/fold.ts",
    "append ? [...known.parts, ...artifact.parts] : artifact.parts",
    "artifact.parts",
    "stream_test.ts",
    "a stream is the task",
  ],
  [
    "what a dead server worked on is done",
    "server/served_tasks.ts",
    'say(task.log, "TASK_STATE_FAILED", why);',
    'say(task.log, "TASK_STATE_COMPLETED", why);',
    "restart_test.ts",
    "FAILED, and says why",
  ],
  [
    "the tasks of all tenants are one",
    "server/operations.ts",
    "return `${principal}/${tenant}`;",
    "return principal;",
    "hostile_test.ts",
    "tenant",
  ],
  [
    "keys that nobody knows are kept",
    SHAPES,
    "const read: Record<string, unknown> = {};",
    "const read: Record<string, unknown> = { ...value };",
    "server_test.ts",
    "keep the keys of the protocol",
  ],
  [
    "an answer to another request is taken",
    "client/exchange.ts",
    "if (body.id === 1) return body.result;",
    "if (body.id !== null) return body.result;",
    "hostile_test.ts",
    "another request",
  ],
  [
    "over HTTP, a message of 0.3 blocks unless it says that it does not",
    "protocol/v03.ts",
    "(blocking) => blocking === true",
    "(blocking) => blocking !== false",
    "v03_http_test.ts",
    "answered at once",
  ],
  [
    "every frame of 0.3 is final",
    "protocol/v03.ts",
    "final: isLast",
    "final: true",
    "v03_test.ts",
    "only the last frame is final",
  ],
];

/** All of them. */
export const a2aFaults: readonly Fault[] = rows
  .map(([name, file, find, replace, tests, test]) => ({
    name: `a2a: ${name}`,
    area: "a2a",
    file,
    find,
    replace,
    caughtBy: { file: tests, test },
  }));
