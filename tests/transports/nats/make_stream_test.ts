import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import type { Asking } from "../../../src/transports/nats/api.ts";
import { createClosed } from "../../../src/transports/nats/make_stream.ts";
import type { StreamConfig } from "../../../src/transports/nats/stream_config.ts";
import { PermanentError } from "../../../src/transports/remote/permanent_error.ts";

const OVERLAP = { code: 400, err_code: 10065, description: "subjects overlap" };
const NO_STREAM = { code: 404, err_code: 10059, description: "stream not found" };

/** A server that refuses to make a stream, and shows it from some question on. */
function serverWith(appearsAt: number): Asking {
  let asked = 0;
  const answers = (subject: string) => {
    if (subject.includes("STREAM.CREATE")) return { error: OVERLAP };
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
