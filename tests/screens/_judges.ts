/**
 * Other people's readers: what they refuse is not valid.
 *
 * @module
 */
import { enforceEvents, transformChunks, verifyEvents } from "@ag-ui/client";
import { readUIMessageStream, type UIMessage, type UIMessageChunk, uiMessageChunkSchema } from "ai";
import { from, lastValueFrom, toArray } from "rxjs";
import type { AgUiEvent } from "@locus/core/ag-ui";
import type { UiMessageStreamChunk } from "@locus/core/ui-message-stream";

/** Fails where the client of AG-UI does, by all of its rules. */
export async function judgeAgUi(events: readonly AgUiEvent[]): Promise<void> {
  // It has another version of rxjs, with types of its own.
  const source = from(events) as never;
  const judged = verifyEvents(false)(transformChunks(false)(enforceEvents(false)(source)));
  await lastValueFrom(from(judged as never).pipe(toArray()));
}

/** What the AI SDK reads: its message at the end, and the error that the stream says. Fails where it cannot read on. */
export async function readMessage(
  chunks: readonly UiMessageStreamChunk[],
): Promise<{ message: UIMessage | undefined; error: string | null }> {
  const { validate } = uiMessageChunkSchema();
  for (const chunk of chunks) {
    const result = await validate!(chunk);
    if (!result.success) throw result.error;
  }
  const stream = new ReadableStream<UIMessageChunk>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk as UIMessageChunk);
      controller.close();
    },
  });
  const said = chunks.findLast((chunk) => chunk.type === "error")?.errorText ?? null;
  const errors: string[] = [];
  const onError = (error: unknown) => void errors.push((error as Error).message);
  let message: UIMessage | undefined;
  for await (message of readUIMessageStream({ stream, onError, terminateOnError: false }));
  const other = errors.find((error) => error !== said);
  if (other !== undefined) throw new Error(other);
  return { message, error: said };
}
