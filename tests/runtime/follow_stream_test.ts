/** Streams are followed to their end, whichever of their methods they are read by. */
import { test } from "node:test";
import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { EventBus, withRun } from "@locus/core";
import { settled } from "../harness/support/runs.ts";
import { readAll, Scene } from "../harness/support/scene.ts";

function streamOf(...chunks: number[]): ReadableStream<number> {
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
  });
}

test("B2: a stream is over when it is closed", async () => {
  for (
    const read of [
      (stream: ReadableStream) => readAll(stream),
      async (stream: ReadableStream) => {
        const reader = stream.getReader();
        while (!(await reader.read()).done);
      },
      (stream: ReadableStream) => stream.pipeTo(new WritableStream()),
      (stream: ReadableStream) => readAll(stream.pipeThrough(new TransformStream())),
      (stream: ReadableStream) => Promise.all(stream.tee().map((branch) => readAll(branch))),
    ]
  ) {
    const scene = new Scene();
    const stream = streamOf(1, 2);
    const returned = scene.span(() => stream);
    assertStrictEquals(returned, stream);
    assertEquals(scene.ends, []);
    await read(returned);
    // What it was piped through may be over first.
    await settled();
    assertEquals(scene.ends, ["ok"], String(read));
  }
});

test("B2: a stream is over when it fails", async () => {
  for (
    const read of [
      (stream: ReadableStream) => readAll(stream),
      (stream: ReadableStream) => stream.getReader().read(),
      (stream: ReadableStream) => stream.pipeTo(new WritableStream()),
      (stream: ReadableStream) => readAll(stream.pipeThrough(new TransformStream())),
    ]
  ) {
    const scene = new Scene();
    const broken = new ReadableStream({
      pull() {
        throw new Error("broken");
      },
    });
    await assertRejects(() => Promise.resolve(read(scene.span(() => broken))), Error, "broken");
    await settled();
    assertEquals(scene.ends, ["Error: broken"], String(read));
  }
});

test("B2: a stream is over when it is cancelled, by whomever", async () => {
  const full = () => new WritableStream({ write: () => Promise.reject(new Error("full")) });
  for (
    const leave of [
      (stream: ReadableStream) => stream.cancel(),
      (stream: ReadableStream) => stream.getReader().cancel(),
      async (stream: ReadableStream) => {
        for await (const _ of stream) break;
      },
      async (stream: ReadableStream) => {
        for await (const _ of stream.pipeThrough(new TransformStream())) break;
        await settled();
      },
      (stream: ReadableStream) => stream.pipeTo(full()).catch(() => {}),
    ]
  ) {
    const scene = new Scene();
    await leave(scene.span(() => streamOf(...Array(100).keys())));
    assertEquals(scene.ends, ["ok"], String(leave));
  }
});

test("B2: a stream goes on that was only released, or refused something", async () => {
  const scene = new Scene();
  const stream = scene.span(() => streamOf(1, 2, 3));
  const reader = stream.getReader();
  await reader.read();
  await assertRejects(() => stream.cancel(), TypeError);
  await assertRejects(() => stream.pipeTo(new WritableStream()), TypeError);
  assertThrows(() => stream.pipeThrough(new TransformStream()), TypeError);
  reader.releaseLock();
  await assertRejects(() => stream.pipeTo("nowhere" as never), TypeError);
  assertThrows(() => stream.pipeThrough({} as never), TypeError);
  await assertRejects(() =>
    stream.pipeTo(new WritableStream({ write: () => Promise.reject(new Error("full")) }), {
      preventCancel: true,
    })
  );
  for await (const _ of stream.values({ preventCancel: true })) break;
  await settled();
  assertEquals([stream.locked, scene.ends], [false, []]);
  await stream.cancel();
  assertEquals(scene.ends, ["ok"]);
});

test("B1: a stream that is read outside calls its source inside", async () => {
  const scene = new Scene();
  const stream = scene.span(() =>
    new ReadableStream({
      pull(controller) {
        scene.mark();
        controller.enqueue(1);
      },
    }, { highWaterMark: 0 })
  );
  await settled();
  const reader = stream.getReader();
  await reader.read();
  await settled();
  await reader.read();
  assertEquals(scene.inside, [true, true]);
  await reader.cancel();
});

test("A run whose stream is cancelled is cancelled", async () => {
  const bus = new EventBus();
  await withRun({ runId: "r", bus }, () => new ReadableStream()).cancel();
  const [completed] = bus.history({ run: "r", type: "run.completed" });
  assertEquals(completed!.data.outcome, "cancelled");
});
