import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import { ClientError, followRun } from "@locus/core/client";
import { Connection } from "../../src/client/connection.ts";
import { createTarget } from "../../src/client/request.ts";
import { sseVectors } from "../harness/support/sse_vectors.ts";
import {
  atOnce,
  end,
  outline,
  pieces,
  readNext,
  readToEnd,
  scripted,
  stream,
  tick,
  ticks,
  toBytes,
  wire,
} from "./_support.ts";

const url = "http://localhost/runs/r/events";
const lengths = [Infinity, 1, 2, 3];

/** What one connection of the client dispatches, of bytes in pieces of so many. */
async function dispatch(text: string, length: number): Promise<string[]> {
  const { fetch } = scripted(pieces(toBytes(text), length));
  const target = createTarget("test", "Cannot follow", url, { fetch });
  const connection = new Connection(target, {
    idleTimeoutMs: 5_000,
    maxBlockLength: 10_000,
    onRetry: () => {},
    onHeartbeat: () => {},
  });
  await connection.open(null);
  const data: string[] = [];
  const error = await (async () => {
    while (true) {
      await connection.read();
      for (let arrival = connection.take(); arrival; arrival = connection.take()) {
        if ("data" in arrival) data.push(arrival.data);
      }
    }
  })().catch((error: ClientError) => error);
  assertEquals(error.code, "cut_off");
  return data;
}

for (const [name, [text, data]] of Object.entries(sseVectors)) {
  for (const length of lengths) {
    test(`A connection reads "${name}" in pieces of ${length}`, async () => {
      assertEquals(await dispatch(text, length), data);
    });
  }
}

/** The JSON of tick `n` over several lines, which JSON does not mind. */
function spread(n: number, lineEnd: string): string {
  const json = JSON.stringify(tick(n)).replaceAll(',"', ',\n"').split("\n");
  return [`id:e-${n}`, "event:test.tick", ...json.map((line) => `data: ${line}`), "", ""]
    .join(lineEnd);
}

const shapes: Record<string, string> = {
  "as Locus writes it": ticks(1, 2) + end(2),
  "with CRLF": spread(1, "\r\n") + spread(2, "\r\n") + end(2),
  "with lone CR": spread(1, "\r") + spread(2, "\r") + end(2),
  "with every line end": spread(1, "\r") + spread(2, "\r\n") + end(2),
  "behind a byte order mark": `\ufeff${ticks(1, 2)}${end(2)}`,
  "between comments": `:\n\n${ticks(1)}: alive\n\n:\r\r${ticks(2)}: ${"x".repeat(3000)}\n${end(2)}`,
  "among unknown fields": `foo:bar\n${ticks(1)}data_5\nDATA:x\n\n${ticks(2)}${end(2)}`,
};

for (const [name, text] of Object.entries(shapes)) {
  for (const length of lengths) {
    test(`followRun() reads a run ${name} in pieces of ${length}`, async () => {
      const { fetch } = scripted(pieces(toBytes(text), length));
      assertEquals(outline(await readToEnd(followRun(url, { fetch }))), [1, 2, "end"]);
    });
  }
}

test("followRun() reads characters of several bytes that arrive byte by byte", async () => {
  const text = "ä€🦉\u2028\u0085é";
  const event = { ...tick(1), data: { n: 1, text } };
  const { fetch } = scripted(pieces(toBytes(wire(event) + end(1)), 1));
  const [first] = await readToEnd(followRun(url, { fetch }));
  assertEquals(first!.data.text, text);
});

test("followRun() takes a CR and the LF of the next piece for one line end", async () => {
  const json = JSON.stringify(tick(1));
  const { fetch } = scripted(
    stream("id:e-1\r", `\nevent:test.tick\r`, `\ndata:${json}\r`, "\n\r", "\n", end(1)),
  );
  assertEquals(outline(await readToEnd(followRun(url, { fetch }))), [1, "end"]);
});

test("followRun() delivers at once what ends with a lone CR", async () => {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (c) => void (controller = c) });
  const headers = { "Content-Type": "text/event-stream" };
  const { fetch } = scripted(new Response(body, { headers }));
  const follow = followRun(url, { fetch });
  controller.enqueue(toBytes(spread(1, "\r")));
  assertEquals(outline(await readNext(follow, 1)), [1]);
  controller.enqueue(toBytes("\n" + spread(2, "\r")));
  assertEquals(outline(await readNext(follow, 1)), [2]);
  await follow.return();
});

test("followRun() discards an unfinished block, and its id", async () => {
  const { fetch, asked } = scripted(
    stream(ticks(1), "id: e-2\nevent: test.tick\ndata: {"),
    stream(ticks(2), end(2)),
  );
  assertEquals(outline(await readToEnd(followRun(url, { fetch, ...atOnce }))), [1, 2, "end"]);
  assertEquals(asked[1]!.headers.get("Last-Event-ID"), "e-1");
});

test("followRun() resumes after the last id, of an event or by itself", async () => {
  const { fetch, asked } = scripted(
    stream(ticks(1), "id: e-7\n\n"),
    stream(wire(tick(8)), "data\n", ":\n\n"),
    stream(end(8)),
  );
  const follow = followRun(url, { fetch, ...atOnce, onError: () => {} });
  assertEquals(outline(await readToEnd(follow)), [1, 8, "end"]);
  assertEquals(asked.map(({ headers }) => headers.get("Last-Event-ID")), [null, "e-7", "e-8"]);
});

test("followRun() sends no id after an empty one", async () => {
  const { fetch, asked } = scripted(stream(ticks(1), "id\n\n"), stream(end(1)));
  await readToEnd(followRun(url, { fetch, ...atOnce }));
  assertEquals(asked.map(({ headers }) => headers.get("Last-Event-ID")), [null, null]);
});

test("followRun() sends an id of any characters as its bytes", async () => {
  const { fetch, asked } = scripted(stream("id: …x\n\n"), stream(end(0)));
  await readToEnd(followRun(url, { fetch, ...atOnce }));
  const bytes = Uint8Array.from(asked[1]!.headers.get("Last-Event-ID")!, (c) => c.charCodeAt(0));
  assertEquals(new TextDecoder().decode(bytes), "…x");
});

for (const text of ["data: ", "", ":", "x\n"]) {
  test(`followRun() reads a gigabyte of ${JSON.stringify(text + "x…")} only up to its cap`, async () => {
    let sent = 0;
    const piece = toBytes("x".repeat(65_536));
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += piece.length;
        controller.enqueue(sent === piece.length ? toBytes(text) : piece);
        if (sent >= 2 ** 30) controller.close();
      },
    });
    const headers = { "Content-Type": "text/event-stream" };
    const { fetch } = scripted(new Response(body, { headers }));
    const follow = followRun(url, { fetch, maxBlockLength: 100_000 });
    const error = await assertRejects(() => readToEnd(follow), ClientError);
    assertEquals(error.code, "too_long");
    assertEquals(error.message.includes("longer than 100000 characters"), true, error.message);
    assertEquals(sent < 2_000_000, true, `${sent} bytes were read`);
  });
}

test("followRun() delivers what came before a block without end", async () => {
  const { fetch } = scripted(stream(ticks(1, 2), "data: ", "x".repeat(9_000)));
  const told: string[] = [];
  const follow = followRun(url, {
    fetch,
    maxBlockLength: 1_000,
    onError: ({ code }) => void told.push(code),
  });
  assertEquals(outline(await readNext(follow, 2)), [1, 2]);
  await assertRejects(() => follow.next(), ClientError, "longer than 1000 characters");
  assertEquals(await follow.next(), { done: true, value: undefined });
  assertEquals(told, ["too_long"]);
});
