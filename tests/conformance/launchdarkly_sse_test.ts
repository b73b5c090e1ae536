/**
 * LaunchDarkly's contract of SSE clients (`launchdarkly/sse-contract-tests` at 81fc820): its 65 cases by name, written
 * anew. What is about parsing is asked of the decoder, what is about connections of `followRun()`, over HTTP.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { assertEquals, assertRejects } from "@std/assert";
import { ClientError, type FollowOptions, followRun } from "@locus/core/client";
import { decodeFrames, type SseMessage } from "@locus/core/sse";
import { judge } from "./_judge.ts";
import { event, live, says } from "./_followed_stream.ts";

type Piece = string | Uint8Array;

/** What the decoder makes of these pieces: comments as texts, messages without what is not expected. */
async function decode(pieces: Iterable<Piece>): Promise<(SseMessage | string)[]> {
  const decoded: (SseMessage | string)[] = [];
  const encoder = new TextEncoder();
  const bytes = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) {
        controller.enqueue(typeof piece === "string" ? encoder.encode(piece) : piece);
      }
      controller.close();
    },
  });
  const messages = bytes.pipeThrough(decodeFrames({
    maxBlockLength: 2 ** 24,
    onComment: (comment) => void decoded.push(comment),
  }));
  for await (const message of messages) decoded.push(message);
  return decoded;
}

/** A message as the contract has it: its data, and what else is not the default. */
function message(data: string, { event = "message", id = "" } = {}): SseMessage {
  return { event, data, lastEventId: id };
}

function parsing(pieces: Piece[], ...expected: (SseMessage | string)[]): () => Promise<void> {
  return async () => assertEquals(await decode(pieces), expected);
}

function singleBytes(text: string): Uint8Array[] {
  return Array.from(new TextEncoder().encode(text), (byte) => Uint8Array.of(byte));
}

/** As the judge has it: with each line end, in one piece, in single characters and in pairs of them. */
function lineEnds(make: (end: string) => string, ...expected: string[]): () => Promise<void> {
  return async () => {
    for (const text of ["\n", "\r\n", "\r"].map(make)) {
      for (const length of [text.length, 1, 2]) {
        const pieces = text.match(new RegExp(`[^]{1,${length}}`, "g")) ?? [];
        assertEquals(await decode(pieces), expected.map((data) => message(data)), text);
      }
    }
  };
}

const bom = "\ufeff";
const long = (letter: string) => letter.repeat(5 * 1024 * 1024);
const greeting = message("Hello", { event: "greeting", id: "abc" });

const parsed: Record<string, () => Promise<void>> = {
  "one-line message in one chunk": parsing(["data: Hello\n\n"], message("Hello")),
  "two messages spanning 3 chunks with shared chunk": parsing(
    ["data: test", "test\n\ndata:", "test\n\n"],
    message("testtest"),
    message("test"),
  ),
  "large message in one chunk": parsing([`data: ${long("a")}\n\n`], message(long("a"))),
  "large message in two chunks": parsing(
    [`data: ${long("a")}`, `${long("b")}\n\n`],
    message(long("a") + long("b")),
  ),
  "one-line message in two chunks": parsing(["data: Hel", "lo\n\n"], message("Hello")),
  "two one-line messages in one chunk": parsing(
    ["data: Hello\n\ndata: World\n\n"],
    message("Hello"),
    message("World"),
  ),
  "one two-line message in one chunk": parsing(
    ["data: Hello\ndata:World\n\n"],
    message("Hello\nWorld"),
  ),
  "empty data": parsing(["data:\n\n"], message("")),
  "event with specific type": parsing(
    ["event: greeting\ndata: Hello\n\n"],
    message("Hello", { event: "greeting" }),
  ),
  "default event type": parsing(["data: Hello\n\n"], message("Hello")),
  "event with ID": parsing(["id: abc\ndata: Hello\n\n"], message("Hello", { id: "abc" })),
  "event with type and ID": parsing(["event: greeting\nid: abc\ndata: Hello\n\n"], greeting),
  "ID field is ignored if it contains a null": parsing(
    ["id: a\0bc\ndata: Hello\n\n"],
    message("Hello"),
  ),
  "last ID persists if not overridden by later event": parsing(
    ["id: abc\ndata: first\n\n", "data: second\n\n"],
    message("first", { id: "abc" }),
    message("second", { id: "abc" }),
  ),
  "last ID can be overridden by an empty value": parsing(
    ["id: abc\ndata: first\n\n", "id: \ndata: second\n\n"],
    message("first", { id: "abc" }),
    message("second"),
  ),
  "fields in reverse order": parsing(["data: Hello\nid: abc\nevent: greeting\n\n"], greeting),
  "unknown field is ignored": parsing(
    ["event: greeting\ncolor: blue\ndata: Hello\n\n"],
    message("Hello", { event: "greeting" }),
  ),
  "fields without leading space": parsing(
    ["event:greeting\ndata:Hello\n\n"],
    message("Hello", { event: "greeting" }),
  ),
  "fields with extra leading space": parsing(
    ["event:  greeting\ndata:  Hello\n\n"],
    message(" Hello", { event: " greeting" }),
  ),
  "field with no colon": parsing(["data\n\ndata\ndata\n\n"], message(""), message("\n")),
  "multi-byte characters": parsing(["data: €豆腐\n\n"], message("€豆腐")),
  "many messages in rapid succession": parsing(
    [Array.from({ length: 100 }, (_, n) => `data: message ${n}\n\n`).join("")],
    ...Array.from({ length: 100 }, (_, n) => message(`message ${n}`)),
  ),
  "multi-byte characters sent in single-byte pieces": parsing(
    singleBytes("data: €豆腐\n\n"),
    message("€豆腐"),
  ),

  "BOM at start of stream is stripped": parsing([`${bom}data: Hello\n\n`], message("Hello")),
  "BOM stripped before first event with type and ID": parsing(
    [`${bom}event: greeting\nid: abc\ndata: Hello\n\n`],
    greeting,
  ),
  "BOM stripped with multiple messages": parsing(
    [`${bom}data: First\n\ndata: Second\n\n`],
    message("First"),
    message("Second"),
  ),
  "BOM only stripped at stream start, not from later data": parsing(
    ["data: First\n\n", `data: ${bom}Second\n\n`],
    message("First"),
    message(`${bom}Second`),
  ),
  "BOM split across first two chunks": parsing(
    [Uint8Array.of(0xef, 0xbb), Uint8Array.of(0xbf), "data: Hello\n\n"],
    message("Hello"),
  ),
  "BOM split byte by byte across chunks": parsing(
    [...singleBytes(bom), "data: Hello\n\n"],
    message("Hello"),
  ),
  "only first BOM at start is stripped": parsing(
    [`${bom}data: ${bom}Hello\n\n`],
    message(`${bom}Hello`),
  ),
  "no BOM - baseline test": parsing(["data: Hello\n\n"], message("Hello")),
  "BOM with multi-line data": parsing(
    [`${bom}data: Line1\ndata: Line2\n\n`],
    message("Line1\nLine2"),
  ),
  "BOM with comment at start": parsing(
    [`${bom}:comment\ndata: Hello\n\n`],
    "comment",
    message("Hello"),
  ),
  "BOM does not affect empty data field": parsing([`${bom}data:\n\n`], message("")),

  "single comment": parsing([":Hello\n"], "Hello"),
  "two comments in a row": parsing([":Hello\n", ":World\n"], "Hello", "World"),
  "comment before event": parsing([":Hello\n", "data: Hello\n\n"], "Hello", message("Hello")),
  "comment after event": parsing(["data: Hello\n\n", ":Hello\n"], message("Hello"), "Hello"),

  "one-line event": lineEnds((end) => `data: event 1${end}${end}`, "event 1"),
  "one-line event + two-line event": lineEnds(
    (end) => `data: event 1${end}${end}data: event 2 line 1${end}data: event 2 line 2${end}${end}`,
    "event 1",
    "event 2 line 1\nevent 2 line 2",
  ),
  "3-line event with empty line at beginning": lineEnds(
    (end) => `data:${end}data: line2${end}data: line3${end}${end}`,
    "\nline2\nline3",
  ),
  "3-line event with empty line in middle": lineEnds(
    (end) => `data: line1${end}data:${end}data: line3${end}${end}`,
    "line1\n\nline3",
  ),
  "ignores 1 extra empty line": lineEnds(
    (end) => `data: event 1${end.repeat(3)}data: event 2${end.repeat(2)}`,
    "event 1",
    "event 2",
  ),
  "ignores 2 extra empty lines": lineEnds(
    (end) => `data: event 1${end.repeat(4)}data: event 2${end.repeat(2)}`,
    "event 1",
    "event 2",
  ),
  "CRLF where CR is end of 1 chunk": parsing(
    ["data: Hello\r", "\ndata: World\r", "\n\r\ndata: OK\r", "\n", "\r", "\n"],
    message("Hello\nWorld"),
    message("OK"),
  ),
};

function redirect(status: number, location?: string) {
  return (request: IncomingMessage, response: ServerResponse): boolean => {
    if (request.url === "/stream") return false;
    response.writeHead(status, location === undefined ? {} : { Location: location }).end();
    return true;
  };
}

function followsRedirect(status: number): () => Promise<void> {
  return live(async ({ connect }) => {
    const [connection, follow] = await connect();
    connection.send(event("hello"));
    await says(follow, "hello");
  }, redirect(status, "/stream"));
}

function failsAtLocation(status: number, location?: string): () => Promise<void> {
  return live(async ({ server }) => {
    await assertRejects(() => followRun(server.url, { retry: () => null }).next(), ClientError);
  }, redirect(status, location));
}

const body = '{"hello": "world"}';

/** Sends a body with every request, as the documentation of the client has it. */
function sending(method: string): FollowOptions {
  return {
    headers: { "Content-Type": "application/json; charset=utf-8" },
    fetch: (url, init) => fetch(url, { ...init, method, body }),
  };
}

function sendsBody(method: string): () => Promise<void> {
  return live(async ({ connect }) => {
    const [{ method: asked, headers, body: given }] = await connect(sending(method));
    assertEquals([asked, given], [method, body]);
    assertEquals(headers["content-type"], "application/json; charset=utf-8");
  });
}

const connected: Record<string, () => Promise<void>> = {
  "default method and headers": live(async ({ connect }) => {
    const [{ method, headers }] = await connect();
    assertEquals([method, headers.accept], ["GET", "text/event-stream"]);
    assertEquals([headers["last-event-id"], headers["cache-control"]], [undefined, "no-cache"]);
  }),
  "204 halts re-connection attempts": live(async ({ server }) => {
    const follow = followRun(server.url);
    assertEquals(await follow.next(), { done: true, value: undefined });
    assertEquals([server.requests, follow.state.ended?.reason], [1, "nothing_left"]);
  }, (_request, response) => {
    response.writeHead(204).end();
    return true;
  }),
  "client follows 301 redirect": followsRedirect(301),
  "client follows 307 redirect": followsRedirect(307),
  "client handles empty Location header with 301 status": failsAtLocation(301, ""),
  "client handles missing Location header with 301 status": failsAtLocation(301),
  "client handles empty Location header with 307 status": failsAtLocation(307, ""),
  "client handles missing Location header with 307 status": failsAtLocation(307),
  "custom headers": live(async ({ connect }) => {
    const headers = { "header-name-1": "value-1", "header-name-2": "value-2" };
    const [{ headers: asked }] = await connect({ headers });
    assertEquals([asked["header-name-1"], asked["header-name-2"]], ["value-1", "value-2"]);
  }),
  "POST request": sendsBody("POST"),
  "REPORT request": sendsBody("REPORT"),
  "sends Last-Event-Id in initial request if set": live(async ({ connect }) => {
    const [{ headers }] = await connect({ after: "abc" });
    assertEquals(headers["last-event-id"], "abc");
  }),

  "sends ID of last received event": live(async ({ server, connect }) => {
    const [first, follow] = await connect();
    assertEquals(first.headers["last-event-id"], undefined);
    first.send(event("Hello", "abc"));
    await says(follow, "Hello");
    first.break();
    assertEquals((await server.nextConnection()).headers["last-event-id"], "abc");
  }),
  "sends ID of last received event that had an ID if later events did not": live(
    async ({ server, connect }) => {
      const [first, follow] = await connect();
      first.send(event("Hello", "abc") + event("World"));
      await says(follow, "Hello");
      await says(follow, "World");
      first.break();
      assertEquals((await server.nextConnection()).headers["last-event-id"], "abc");
    },
  ),
  "last event ID can be explicitly overridden with an empty value": live(
    async ({ server, connect }) => {
      const [first, follow] = await connect();
      first.send(event("Hello", "abc") + event("World", ""));
      await says(follow, "Hello");
      await says(follow, "World");
      first.break();
      assertEquals((await server.nextConnection()).headers["last-event-id"], undefined);
    },
  ),
  "resends request body if any when reconnecting": live(async ({ server, connect }) => {
    const [first] = await connect(sending("POST"));
    assertEquals([first.method, first.body], ["POST", body]);
    first.break();
    const second = await server.nextConnection();
    assertEquals([second.method, second.body], ["POST", body]);
  }),
  "can set read timeout": live(async ({ server, connect }) => {
    const causes: string[] = [];
    const [first, follow] = await connect({
      idleTimeoutMs: 100,
      retry({ cause }) {
        causes.push(cause.code);
        return 0;
      },
    });
    first.send(event("Hello"));
    await says(follow, "Hello");
    await server.nextConnection();
    assertEquals(causes, ["silent"]);
  }),
  "discards partial messages on retry": live(async ({ server, connect }) => {
    const [first, follow] = await connect();
    first.send(event("Hello", "abc") + event("Goodbye", "def").trimEnd());
    await says(follow, "Hello");
    first.break();
    const second = await server.nextConnection();
    assertEquals(second.headers["last-event-id"], "abc");
    second.send(event("We meet again"));
    await says(follow, "We meet again");
  }),
  "new connection established after breaking previous is functional": live(
    async ({ server, connect }) => {
      const [first, follow] = await connect();
      first.send(event("Hello", "abc"));
      await says(follow, "Hello");
      first.break();
      const second = await server.nextConnection();
      second.send(event("World", "def"));
      await says(follow, "World");
      assertEquals(follow.state.lastEventId, "def");
    },
  ),
};

const isNode = !("Deno" in globalThis) && !("Bun" in globalThis);

judge("LaunchDarkly", {
  total: 65,
  cases: { ...parsed, ...connected },
  expectedFailures: isNode ? {} : {
    "default method and headers":
      "Deno and Bun send nothing for `cache`; the header itself would cost pages a CORS preflight",
  },
  notApplicable: {
    "optional, and not offered: retryNow() replaces no connection that is well": [
      "caller can trigger a restart",
    ],
  },
});
