/**
 * The `consumer` cases of Durable Streams' client suite (`durable-streams/durable-streams` at 82f9963a,
 * `packages/client-conformance-tests`): 134 by name, those that apply written anew. A stream is a run here, an append
 * an event, an offset an `event_id`; reading is `followRun()`, over HTTP.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  answerInterrupt,
  ClientError,
  type FollowFailure,
  type FollowOptions,
  followRun,
  runs,
} from "@locus/core/client";
import { until } from "../harness/support/until.ts";
import { judge } from "./_judge.ts";
import { type Fault, onServer, type ServedRun } from "./_run_server.ts";

type Case = () => Promise<void>;

/** Everything that was appended is read, in order. */
function readsAll(...texts: string[]): Case {
  return onServer(async ({ append, read }) => {
    texts.forEach(append);
    assertEquals(await read(), texts.join(""));
  });
}

/** From each offset, what was appended later is read: no more, no less. */
function resumes(...texts: string[]): Case {
  return onServer(async ({ append, read }) => {
    const offsets = texts.map(append);
    for (const [index, after] of offsets.entries()) {
      assertEquals(await read({ after }), texts.slice(index + 1).join(""));
    }
    assertEquals(await read(), texts.join(""));
  });
}

/** What is appended while somebody reads is read. */
function readsLive(before: string[], ...texts: string[]): Case {
  return onServer(async ({ url, append }) => {
    const [after = null] = before.map(append);
    const follow = followRun<{ "test.said": { text: string } }>(url, { after });
    const next = follow.next();
    await until("it is connected", () => follow.state.phase === "live");
    texts.forEach(append);
    for (const text of texts) {
      const { value } = text === texts[0] ? await next : await follow.next();
      assertEquals(value?.data, { text });
    }
    await follow.return();
  });
}

/** Faults on the way are got over without loss. */
function survives(fault: Fault, count = 1): Case {
  return onServer(async ({ append, read, fault: inject }) => {
    append("data");
    inject(fault, count);
    const failures: FollowFailure[] = [];
    const retry = (failure: FollowFailure) => (failures.push(failure), 0);
    assertEquals(await read({ retry }), "data");
    if (fault.status !== undefined) {
      assertEquals(failures.map(({ cause }) => cause.status), Array(count).fill(fault.status));
    }
    if (fault.drop) assertEquals(failures.length, count);
    if (fault.retryAfter) assert(failures[0]!.waitMs >= fault.retryAfter * 1_000);
  });
}

/** What cannot be passing is told at once. */
function refuses(status: number, run: (served: ServedRun) => Promise<unknown>): Case {
  return onServer(async (served) => {
    const error = await assertRejects(() => run(served), ClientError);
    assertEquals([error.status, served.requests()], [status, 1]);
  });
}

const hidden = ({ url }: ServedRun) => followRun(url.replace("/r/", "/hidden-run/")).next();

/** A list that is not whole is told, never taken for an empty one. */
function noList(fault: Fault): Case {
  return onServer(async ({ url, append, fault: inject }) => {
    append("data");
    const list = url.replace("/r/events", "");
    inject(fault);
    const error = await assertRejects(() => runs(list), ClientError);
    assertEquals(error.code, "bad_answer");
    assertEquals((await runs(list)).length, 1);
  });
}

const strict: FollowOptions = {
  onError(error) {
    throw error;
  },
};

/** What no event is made of is told, and what comes behind it is read. */
function skips(inject: string): Case {
  return onServer(async ({ append, read, fault }) => {
    append("data");
    fault({ inject });
    const codes: string[] = [];
    assertEquals(await read({ onError: ({ code }) => void codes.push(code) }), "data");
    assertEquals(codes, ["bad_event"]);
  });
}

function throwsAt(inject: string): Case {
  return onServer(async ({ append, read, fault }) => {
    append("data");
    fault({ inject });
    const error = await assertRejects(() => read(strict), ClientError);
    assertEquals(error.code, "bad_event");
  });
}

/** Says when everything that was there has been read. */
function saysUpToDate(...texts: string[]): Case {
  return onServer(async ({ url, append }) => {
    texts.forEach(append);
    let isUpToDate = false;
    const options = { onCaughtUp: () => void (isUpToDate = true) };
    const follow = followRun(url, options as FollowOptions);
    for (const _ of texts) await follow.next();
    assert(isUpToDate);
    await follow.return();
  });
}

const cases: Record<string, Case> = {
  "delay-recovery": survives({ delayMs: 50 }),
  "delay-with-jitter": survives({ delayMs: 30 + Math.random() * 30 }),
  "connection-drop-recovery": survives({ drop: true }),
  "multiple-connection-drops": survives({ drop: true }, 2),
  "delay-then-error": survives({ delayMs: 20, status: 503 }),
  "delay-under-timeout": survives({ delayMs: 100 }),
  "append-with-delay": onServer(async ({ url, fault, answers }) => {
    fault({ delayMs: 50 });
    const resume = url.replace("events", "resume");
    await answerInterrupt(resume, { interruptId: "i", response: "delayed-append" });
    assertEquals(answers, ["delayed-append"]);
  }),

  "retry-on-500": survives({ status: 500 }),
  "retry-on-503": survives({ status: 503 }),
  "retry-on-429": survives({ status: 429, retryAfter: 1 }),
  "retry-multiple-failures": survives({ status: 500 }, 2),
  "no-retry-on-404": refuses(404, hidden),
  "no-retry-on-400": refuses(400, ({ read, fault, append }) => {
    append("data");
    fault({ status: 400 });
    return read();
  }),
  "retry-exhaustion-fails": onServer(async ({ read, fault, append }) => {
    append("data");
    fault({ status: 500 }, 20);
    const retry = ({ failures }: FollowFailure) => failures < 5 ? 0 : null;
    const error = await assertRejects(() => read({ retry }), ClientError);
    assertEquals(error.status, 500);
  }),

  "truncated-json-response": noList({ truncate: 10 }),
  "corrupted-json-response": noList({ corrupt: true }),
  "truncated-json-array": noList({ truncate: 15 }),
  "recovery-after-parse-error": noList({ truncate: 5 }),

  "unknown-sse-event-type": skips('event: unknown-future-type\ndata: {"some":"future-data"}\n\n'),
  "multiple-unknown-events": skips('event: future-event-v2\ndata: {"version":2}\n\n'),
  "malformed-control-event-json": throwsAt("event: bus.gap\ndata: {invalid json here\n\n"),
  "empty-control-event-data": throwsAt("event: bus.gap\ndata: \n\n"),

  "not-found-includes-path": onServer(async (served) => {
    const error = await assertRejects(
      () => hidden(served),
      ClientError,
      "/locus/runs/hidden-run/events",
    );
    assertEquals(error.status, 404);
  }),
  "not-found-on-append-includes-path": onServer(async ({ url }) => {
    const resume = url.replace("/r/events", "/hidden-run/resume");
    const answer = () => answerInterrupt(resume, { interruptId: "i", response: "yes" });
    const error = await assertRejects(answer, ClientError, "/locus/runs/hidden-run/resume");
    assertEquals(error.status, 404);
  }),
  "read-nonexistent-stream": refuses(404, hidden),
  "sse-nonexistent": refuses(404, hidden),

  "ordering-sequential-appends": readsAll("first", "second", "third", "fourth", "fifth"),
  "ordering-sse-preserves-order": readsAll("x", "y", "z"),
  "ordering-offset-monotonic": resumes("1", "2", "3"),
  "ordering-live-new-data": readsLive(["init"], "A", "B", "C"),
  "ordering-many-messages": readsAll(..."01 02 03 04 05 06 07 08 09 10".split(" ")),

  "offset-monotonic": resumes("AAA", "BBB", "CCC"),
  "offset-exact-resumption": resumes("AAAA", "BBBB", "CCCC"),
  "offset-persists-across-sessions": resumes("session1-data", "session2-data"),
  "offset-byte-exactness": resumes("0123456789", "abcdefghij"),
  "offset-at-end": resumes("data"),
  "offset-resume-partial": resumes("part1", "part2", "part3"),
  "offset-stored-correctly": onServer(async ({ append, read, url }) => {
    append("chunk1");
    const after = append("chunk2");
    assertEquals(await read(), "chunk1chunk2");
    append("chunk3");
    assertEquals(await read({ after }), "chunk3");
    const follow = followRun(url);
    await follow.next();
    await follow.return();
    assertEquals(await read({ after: follow.state.lastEventId }), "chunk2chunk3");
  }),
  "offset-sse-resume": resumes("old", "new"),
  "offset-multiple-reads-same-offset": onServer(async ({ append, read }) => {
    const after = append("consistent");
    append("data");
    for (let reads = 0; reads < 3; reads++) assertEquals(await read({ after }), "data");
  }),

  "auto-catches-up-with-existing-data": readsAll("data1", "data2", "data3"),
  "auto-waits-for-new-data": readsLive(["initial"], "new-data"),
  "auto-returns-immediately-on-existing-data": readsAll("existing"),
  "auto-resumes-from-offset": resumes("old-data", "new-data"),
  "auto-multiple-chunks": readsAll("chunk1", "chunk2", "chunk3"),
  "read-single-chunk": readsAll("Hello, World!"),
  "read-multiple-chunks": readsAll("Chunk1 ", "Chunk2 ", "Chunk3"),
  "read-from-offset": resumes("First", "Second"),
  "read-from-beginning": readsAll("Beginning", "End"),
  "read-preserves-offset": resumes("Part1", "Part2", "Part3"),
  "read-unicode-data": readsAll("Unicode: 日本語 🎉 Ñoño"),

  "sse-receives-existing-data": readsAll("existing1", "existing2"),
  "sse-receives-new-data": readsLive(["initial"], "new-data"),
  "sse-json-receives-new-data-after-empty-catchup": readsLive(["{}"], '{"id":1}'),
  "sse-resumes-from-offset": resumes("skip-this", "include-this"),
  "sse-preserves-nel-character": readsAll("before\u0085after"),
  "sse-preserves-line-separator": readsAll("hello\u2028world"),
  "sse-preserves-paragraph-separator": readsAll("para1\u2029para2"),
  "sse-preserves-all-unicode-separators": readsAll("a\u0085b\u2028c\u2029d"),
  "sse-strips-single-leading-space": readsAll("  two leading spaces"),
  "equivalence-sse-live-new-data": readsLive(["initial"], "live-data-sse"),

  "cache-read-idempotent": onServer(async ({ append, read }) => {
    append("stable-content");
    assertEquals([await read(), await read()], ["stable-content", "stable-content"]);
  }),
  "cache-offset-deterministic": onServer(async ({ append, read }) => {
    const after = append("chunk-a");
    append("chunk-b");
    assertEquals([await read({ after }), await read({ after })], ["chunk-b", "chunk-b"]);
  }),
  "cache-immutable-historical-data": onServer(async ({ append, read }) => {
    const after = append("original");
    assertEquals(await read(), "original");
    append("added");
    assertEquals([await read(), await read({ after })], ["originaladded", "added"]);
  }),

  "sse-up-to-date-signal": saysUpToDate("data"),
  "sse-empty-stream": saysUpToDate(),
  "sse-json-empty-stream": saysUpToDate(),
  "offset-empty-stream": saysUpToDate(),
  "auto-empty-stream": saysUpToDate(),
  "read-empty-stream": saysUpToDate(),
  "cache-uptodate-stable": saysUpToDate("final"),
};

const noSignal = "followRun() does not say yet when it has caught up";

judge("Durable Streams", {
  total: 134,
  cases,
  expectedFailures: {
    "sse-up-to-date-signal": noSignal,
    "sse-empty-stream": noSignal,
    "sse-json-empty-stream": noSignal,
    "offset-empty-stream": noSignal,
    "auto-empty-stream": noSignal,
    "read-empty-stream": noSignal,
    "cache-uptodate-stable": noSignal,
  },
  notApplicable: {
    "there is no long polling": [
      "read-offset-now-nonexistent-longpoll",
      "longpoll-nonexistent",
      "longpoll-waits-for-data",
      "longpoll-returns-immediately-with-data",
      "longpoll-timeout",
      "longpoll-multiple-chunks",
      "longpoll-resume-from-offset",
      "ordering-longpoll-preserves-order",
      "offset-now-empty-stream-longpoll",
      "offset-now-longpoll-waits",
      "offset-longpoll-resume",
      "equivalence-existing-data",
      "equivalence-from-offset",
      "equivalence-empty-stream",
      "equivalence-live-new-data",
      "equivalence-offset-semantics",
    ],
    "a run is followed from its beginning or after an event, not from now on": [
      "read-offset-now-nonexistent",
      "read-offset-now-nonexistent-sse",
      "offset-now-skips-historical",
      "offset-now-empty-stream",
      "offset-now-empty-stream-sse",
      "offset-now-matches-tail",
      "offset-now-sse",
    ],
    "an event_id is opaque: there is no -1 and no 0": [
      "offset-minus-one-start",
      "offset-zero-start",
    ],
    "a cursor that means nothing is answered with a gap and the history, not refused": [
      "read-invalid-offset",
      "invalid-offset-includes-context",
      "read-future-offset",
    ],
    "a run cannot be deleted; one that was forgotten is answered with a gap": [
      "read-deleted-stream",
    ],
    "answerInterrupt() is sent once, because it may have been taken": [
      "append-retry-on-500",
      "method-specific-fault",
    ],
    "nothing of the client asks with HEAD": [
      "head-not-found-includes-path",
      "offset-from-head",
      "cache-head-returns-etag",
      "cache-content-type-preserved",
    ],
    "events are JSON; there is no binary data": [
      "read-binary-data",
      "sse-binary-data",
      ...[
        ..."basic,data-integrity-simple,data-integrity-multiline,data-integrity-multiple-appends"
          .split(","),
        ..."data-integrity-ascii,data-integrity-json-like,empty-payload,special-bytes".split(","),
        ..."large-payload,multiple-chunks,resume-from-offset,up-to-date,padding-variations".split(
          ",",
        ),
        ..."all-byte-values,reconnect-decoding,large-payload-4kb,single-null-byte".split(","),
        ..."live-streaming,rfc4648-1byte,rfc4648-2byte,rfc4648-3byte,rfc4648-6byte".split(","),
        ..."content-type-protobuf,content-type-image,offset-now,many-small-messages".split(","),
      ].map((name) => `sse-base64-${name}`),
    ],
  },
});
