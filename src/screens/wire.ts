import { encodeFrame } from "../sse/encoder.ts";
import { joinChunks } from "../sse/join_chunks.ts";
import type { StreamSettings } from "../sse/stream_options.ts";
import type { ScreenWriter } from "./screen.ts";

/**
 * How an event stream is written in another protocol. The `id` of an event comes with the last of its messages: who is cut
 * off between them gets all of them again.
 *
 * @param last What is sent when all is said.
 */
export function screenWire<T>(
  writer: ScreenWriter<T>,
  last?: string,
): Pick<StreamSettings, "encode" | "encodeFailure"> {
  return {
    encode(event) {
      const texts = writer.write(event).map((message) => JSON.stringify(message));
      if (event.event_type === "bus.end" && last !== undefined) texts.push(last);
      const data = texts.pop();
      return joinChunks([...frames(texts), encodeFrame({ id: event.event_id, data })]);
    },
    encodeFailure(correlationId) {
      return joinChunks(
        frames(writer.fail(correlationId).map((message) => JSON.stringify(message))),
      );
    },
  };
}

function frames(texts: readonly string[]): Uint8Array<ArrayBuffer>[] {
  return texts.map((data) => encodeFrame({ data }));
}
