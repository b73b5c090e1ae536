import { test } from "node:test";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { decodeFrames, type SseDecoderOptions, type SseMessage } from "@locus/core/sse";
import { sseVectors } from "../harness/support/sse_vectors.ts";

/** Decodes `text`, cut into pieces of so many bytes. */
async function decode(
  text: string | Uint8Array,
  pieceLength = Infinity,
  options: SseDecoderOptions = {},
): Promise<SseMessage[]> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const messages: SseMessage[] = [];
  for await (const message of pieces(bytes, pieceLength).pipeThrough(decodeFrames(options))) {
    messages.push(message);
  }
  return messages;
}

function pieces(bytes: Uint8Array, length: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let offset = 0; offset < bytes.length; offset += length) {
        controller.enqueue(bytes.subarray(offset, Math.min(offset + length, bytes.length)));
      }
      controller.close();
    },
  });
}

for (const [name, [text, data]] of Object.entries(sseVectors)) {
  for (const length of [Infinity, 1, 2, 3]) {
    test(`decodeFrames() reads "${name}" in pieces of ${length}`, async () => {
      assertEquals((await decode(text, length)).map((message) => message.data), data);
    });
  }
}

test("decodeFrames() reads the type of a message, and resets it", async () => {
  const messages = await decode("event:test\ndata:x\n\nevent: \ndata:y\n\ndata:z\n\n");
  assertEquals(messages.map(({ event }) => event), ["test", "message", "message"]);
});

test("decodeFrames() keeps the last id until another one comes", async () => {
  const messages = await decode("id:1\ndata:a\n\ndata:b\n\nid\ndata:c\n\nid:2\n\ndata:d\n\n");
  assertEquals(messages.map(({ lastEventId }) => lastEventId), ["1", "1", "", "2"]);
});

for (const id of ["\0\0", "x\0", "\0x", "x\0x", " \0"]) {
  test(`decodeFrames() ignores the id ${JSON.stringify(id)}`, async () => {
    const messages = await decode(`id:${id}\ndata:a\n\n`);
    assertEquals(messages.map(({ lastEventId }) => lastEventId), [""]);
  });
}

test("decodeFrames() does not commit the id of an unfinished block", async () => {
  const ids: string[] = [];
  await decode("id:1\ndata:a\n\nid:2\ndata:b", Infinity, { onId: (id) => void ids.push(id) });
  assertEquals(ids, ["1"]);
});

test("decodeFrames() tells of ids without data, of comments, and of a retry of digits only", async () => {
  const told: string[] = [];
  await decode(
    ":alive\nid:7\n\nretry:1000\nretry:-1\nretry:1e3\nretry:1000x\nretry\nretry:03\n\n",
    1,
    {
      onId: (id) => void told.push(`id ${id}`),
      onRetry: (retryMs) => void told.push(`retry ${retryMs}`),
      onComment: (comment) => void told.push(`comment ${comment}`),
    },
  );
  assertEquals(told, ["comment alive", "id 7", "retry 1000", "retry 3"]);
});

test("decodeFrames() dispatches at once what ends with a lone CR, and only once", async () => {
  const stream = decodeFrames();
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  const encoder = new TextEncoder();
  const first = reader.read();
  await writer.write(encoder.encode("data:x\r\r"));
  assertEquals((await first).value?.data, "x");
  const second = reader.read();
  await writer.write(encoder.encode("\ndata:y\n\n"));
  assertEquals((await second).value?.data, "y");
});

test("decodeFrames() replaces bytes that are no UTF-8", async () => {
  const bytes = Uint8Array.of(...new TextEncoder().encode("data:"), 0xff, 0x0a, 0x0a);
  assertEquals((await decode(bytes)).map(({ data }) => data), ["\ufffd"]);
});

for (const text of ["data:" + "x".repeat(200), "data:xxxx\n".repeat(50), ":" + "x".repeat(200)]) {
  test(`decodeFrames() fails at a block without end: ${JSON.stringify(text.slice(0, 12))}`, async () => {
    await assertRejects(
      () => decode(text, 7, { maxBlockLength: 100, onComment: () => {} }),
      RangeError,
      "longer than 100 characters (maxBlockLength)",
    );
  });
}

for (const text of ["x", "x\n", "\n"]) {
  test(`decodeFrames() fails at a stream of nothing but ${JSON.stringify(text)}`, async () => {
    await assertRejects(
      () => decode(text.repeat(10_000), 7, { maxBlockLength: 100 }),
      RangeError,
      "longer than 100 characters (maxBlockLength)",
    );
  });
}

test("decodeFrames() reads any number of blocks below the limit", async () => {
  const messages = await decode("data:xxxxxxxx\n\n".repeat(100), 7, { maxBlockLength: 100 });
  assertEquals(messages.length, 100);
});

test("decodeFrames() refuses bad options", () => {
  const bad = [
    [{ maxBlockLength: 0 }, RangeError, '"maxBlockLength" must be'],
    [{ onId: 1 }, TypeError, '"onId" must be a function'],
    [{ onretry: () => {} }, TypeError, 'unknown option "onretry"'],
  ] as const;
  for (const [options, errorClass, message] of bad) {
    assertThrows(() => decodeFrames(options as SseDecoderOptions), errorClass, message);
  }
});
