import { test } from "node:test";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { ask, type Asking } from "../../../src/transports/nats/api.ts";
import { createClosed } from "../../../src/transports/nats/make_stream.ts";
import type { StreamConfig } from "../../../src/transports/nats/stream_config.ts";
import { PermanentError } from "../../../src/transports/remote/permanent_error.ts";

const OVERLAP = { code: 400, err_code: 10065, description: "subjects overlap" };
const NO_STREAM = { code: 404, err_code: 10059, description: "stream not found" };

/** A server that refuses to make a stream, and shows it from some question on. */
function serverWith(appearsAt: number, refusal: object = OVERLAP): Asking {
  let asked = 0;
  const answers = (subject: string) => {
    if (subject.includes("STREAM.CREATE")) return { error: refusal };
    return ++asked >= appearsAt ? { config: {} } : { error: NO_STREAM };
  };
  const request = (subject: string) => {
    const data = new TextEncoder().encode(JSON.stringify(answers(subject)));
    return Promise.resolve({ subject, data });
  };
  return { hasJetStream: true, request };
}

const config = {} as StreamConfig;

for (const appearsAt of [1, 3]) {
  test(`A stream that another process makes at the same moment is there at question ${appearsAt}`, async () => {
    assertEquals(await createClosed(serverWith(appearsAt), "runs", config), false);
  });
}

test("A stream whose subjects belong to another one cannot be made", async () => {
  await assertRejects(
    () => createClosed(serverWith(Infinity), "runs", config),
    PermanentError,
    "subjects overlap",
  );
});

const passing = [
  // A server says so where the last of its other streams was deleted at this moment.
  { code: 500, err_code: 10049, description: "error creating store for stream" },
  { code: 500, err_code: 10047, description: "insufficient storage resources available" },
  { code: 400, err_code: 10005, description: "no suitable peers for placement" },
  { code: 500, err_code: 99999, description: "what nobody has thought of" },
];

for (const refusal of passing) {
  test(`What a server cannot do now is not refused for good: ${refusal.description}`, async () => {
    const error = await assertRejects(
      () => createClosed(serverWith(Infinity, refusal), "runs", config),
      Error,
      refusal.description,
    );
    assert(!(error instanceof PermanentError));
  });
}

test("An account that had JetStream may have it again", async () => {
  const off = { code: 503, err_code: 10039, description: "not enabled for account" };
  const answers: object[] = [{ error: off }, { error: NO_STREAM }, { error: off }];
  const server: Asking = {
    hasJetStream: false,
    request: (subject) => {
      const data = new TextEncoder().encode(JSON.stringify(answers.shift()));
      return Promise.resolve({ subject, data });
    },
  };
  const asked = [];
  for (let i = 0; i < 3; i++) {
    const error = await assertRejects(() => ask(server, "STREAM.INFO.runs", null));
    asked.push(error instanceof PermanentError);
  }
  assertEquals(asked, [true, false, false]);
});
