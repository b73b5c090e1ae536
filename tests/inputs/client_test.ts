import { answerInterrupt, followRun, runs } from "@locus/core/client";
import { EventBus } from "@locus/core";
import { type Mistake, mistakes, noOptions, wrong } from "./_mistakes.ts";

const URL_OF_RUNS = "https://example.com/locus/runs";
const answer = { interruptId: "i1", response: "yes" };
const RULE = "the URL must be one of http or https, without a user name and a password";

const noUrls: readonly [what: string, value: unknown, says: string][] = [
  ["nothing", undefined, `${RULE}, got undefined`],
  ["null", null, `${RULE}, got null`],
  ["an empty text", "", `${RULE}, got a relative one`],
  ["a number", 8000, `${RULE}, got 8000`],
  ["a relative URL", "/locus/runs", "got a relative one, and no page that it is relative to"],
  ["no scheme", "example.com/runs", "got a relative one, and no page that it is relative to"],
  ["a file", "file:///a", `${RULE}, got one of file:`],
  ["a web socket", "wss://example.com", `${RULE}, got one of wss:`],
  ["no scheme but a port", "localhost:8000/runs", `${RULE}, got one of localhost:`],
  ["a password", "https://user:hunter2@example.com", RULE],
  ["a bus", new EventBus(), `${RULE}, got an event bus`],
  ["options", { url: URL_OF_RUNS }, `${RULE}, got an object`],
];

for (
  const [owner, call] of [
    ["followRun()", (url: never) => followRun(url)],
    ["runs()", (url: never) => runs(url)],
    ["answerInterrupt()", (url: never) => answerInterrupt(url, answer)],
  ] as const
) {
  mistakes(
    owner,
    noUrls.map(([what, value, says]): Mistake => [what, () => call(wrong(value)), says]),
  );
}

for (
  const [owner, call] of [
    ["followRun()", (o: never) => followRun(URL_OF_RUNS, o)],
    ["runs()", (o: never) => runs(URL_OF_RUNS, o)],
    ["answerInterrupt()", (o: never) => answerInterrupt(URL_OF_RUNS, answer, o)],
  ] as const
) {
  noOptions(owner, call);
  mistakes(owner, [
    ["a signal", () => call(wrong(AbortSignal.abort())), "did you mean { signal }?"],
    ["a controller", () => call(wrong({ signal: new AbortController() })), "its .signal?"],
    ["no function", () => call(wrong({ fetch: "x" })), '"fetch" must be a function, got "x"'],
    ["a text", () => call(wrong({ headers: "Authorization: x" })), '"headers" must be'],
    ["a bad name", () => call(wrong({ headers: { "a b": "1" } })), '"headers" must be'],
    ["null", () => call(wrong({ headers: null })), '"headers" must be'],
    ["credentials", () => call(wrong({ credentials: true })), '"credentials" must be one of'],
  ]);
}

mistakes("followRun()", [
  ["a number as cursor", () => followRun(URL_OF_RUNS, { after: wrong(5) }), '"after" must be'],
  ["a wrong pattern", () => followRun(URL_OF_RUNS, { select: "agent*" }), '"select" must be'],
  ["no function", () => followRun(URL_OF_RUNS, { onError: wrong(1) }), '"onError" must be'],
  ["a number as retry", () => followRun(URL_OF_RUNS, { retry: wrong(3) }), '"retry" must be'],
  ["no time", () => followRun(URL_OF_RUNS, { idleTimeoutMs: 0 }), '"idleTimeoutMs" must be'],
  ["a schema", () => followRun(URL_OF_RUNS, { validate: wrong({}) }), '"validate" must be'],
]);

mistakes("runs()", [
  ["zero", () => runs(URL_OF_RUNS, { limit: 0 }), '"limit" must be'],
  ["a text", () => runs(URL_OF_RUNS, { limit: wrong("5") }), 'got "5"'],
  ["no time", () => runs(URL_OF_RUNS, { timeoutMs: 0 }), '"timeoutMs" must be'],
]);

mistakes("answerInterrupt()", [
  ["nothing", () => answerInterrupt(URL_OF_RUNS, wrong(undefined)), "the answer must be an object"],
  [
    "null",
    () => answerInterrupt(URL_OF_RUNS, wrong(null)),
    "the answer must be an object, got null",
  ],
  ["a text", () => answerInterrupt(URL_OF_RUNS, wrong("yes")), 'must be an object, got "yes"'],
  ["no id", () => answerInterrupt(URL_OF_RUNS, wrong({ response: 1 })), '"interruptId" must be'],
  [
    "snake case",
    () => answerInterrupt(URL_OF_RUNS, wrong({ interrupt_id: "i", response: 1 })),
    'unknown option "interrupt_id"; did you mean "interruptId"?',
  ],
  ["an empty id", () => answerInterrupt(URL_OF_RUNS, { ...answer, interruptId: "" }), 'got ""'],
  [
    "no answer",
    () => answerInterrupt(URL_OF_RUNS, wrong({ interruptId: "i" })),
    '"response" must be',
  ],
  [
    "a function",
    () => answerInterrupt(URL_OF_RUNS, { ...answer, response: () => {} }),
    "a function",
  ],
  ["a bigint", () => answerInterrupt(URL_OF_RUNS, { ...answer, response: 1n }), "got 1n"],
]);
