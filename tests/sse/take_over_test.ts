/** When the rest of a stream is written to a response, and when it stays a stream: with responses that only seem to be Node's. */
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { EventBus } from "@locus/core";
import { openEventStream } from "../../src/sse/response.ts";
import { checkStreamOptions } from "../../src/sse/stream_options.ts";
import { NodeTakeOver } from "../../src/sse/take_over.ts";
import { judge } from "../harness/support/event_source.ts";
import { turn, until } from "../harness/support/until.ts";

/** A response of a class of its own, on a socket that nothing may be written to past it. */
class OwnResponse extends EventEmitter {
  readonly headersSent = true;
  readonly chunkedEncoding = true;
  readonly writableCorked = 0;
  readonly socket = Object.assign(new EventEmitter(), {
    _httpMessage: this,
    write(): boolean {
      throw new Error("this is not a response as Node writes it");
    },
  });
  destroyed = false;
  writableEnded = false;
  text = "";
  readonly #decoder = new TextDecoder();

  write(data: string | Uint8Array): boolean {
    this.text += typeof data === "string" ? data : this.#decoder.decode(data, { stream: true });
    return true;
  }

  end(): void {
    this.writableEnded = true;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }

  get types(): unknown[] {
    return judge(new TextEncoder().encode(this.text)).dispatched.map(({ type }) => type);
  }
}

/** Answers with the run `r`. */
function open(bus: EventBus, response: OwnResponse): ReadableStreamDefaultReader<Uint8Array> {
  const settings = {
    ...checkStreamOptions("test", {}),
    takeOver: new NodeTakeOver(response),
  };
  return openEventStream(bus.subscribe("r"), settings).body!.getReader();
}

/** As a server pumps a body. Resolves when the body is over. */
async function pump(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  response: OwnResponse,
  between: () => Promise<void> | null = () => null,
): Promise<void> {
  for (;;) {
    const { done, value } = await reader.read();
    const waits = between();
    if (waits !== null) await waits;
    if (done) return response.end();
    response.write(value);
  }
}

function publish(bus: EventBus): void {
  bus.publish({ run_id: "r", event_type: "test.tick", data: {} });
}

test("A body that goes to its response at once is over, and the response goes on to the end of the run", async () => {
  const bus = new EventBus();
  const response = new OwnResponse();
  await pump(open(bus, response), response);
  assertEquals(response.writableEnded, false);
  publish(bus);
  await until("the event is written", () => response.types.includes("test.tick"));
  bus.closeStream("r");
  await until("the response is over", () => response.writableEnded);
  assertEquals(response.types, ["test.tick", "bus.end"]);
  assertEquals(bus.stats().active_runs, 0);
});

test("A body that goes to its response later is written by who reads it, to the end", async () => {
  const bus = new EventBus();
  const response = new OwnResponse();
  const pumped = pump(open(bus, response), response, turn);
  await until("it has begun", () => response.text !== "");
  publish(bus);
  await until("the event is written", () => response.types.includes("test.tick"));
  assertEquals(response.writableEnded, false);
  bus.closeStream("r");
  await pumped;
  assertEquals(response.types, ["test.tick", "bus.end"]);
});

test("Of a response whose client leaves, nothing is kept", async () => {
  const bus = new EventBus();
  const response = new OwnResponse();
  await pump(open(bus, response), response);
  assertEquals(bus.stats().active_runs, 1);
  response.destroy();
  assertEquals(bus.stats().active_runs, 0);
});
