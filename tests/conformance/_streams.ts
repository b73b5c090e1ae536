/**
 * The streams of `docs/conformance`: what is in a file, and what a client makes of it.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { StreamEvent } from "@locus/core";
import { type FollowedRun, followRun, followRuns, type FollowState } from "@locus/core/client";
import { encodeEvent } from "@locus/core/sse";

/** A span, as `expect.tree` has it. */
export interface ExpectedSpan {
  readonly kind: string;
  readonly name: string;
  readonly state: "running" | "done" | "failed" | "skipped" | "waiting" | "lost";
  readonly children?: readonly ExpectedSpan[];
}

/** What a model call was told. */
export interface ExpectedPrompt {
  readonly messages: readonly unknown[];
  readonly missing: number;
  readonly truncated: boolean;
}

/** What a reader must make of a stream. It checks what it knows of. */
export interface Expectation {
  readonly events: readonly string[];
  readonly data?: readonly unknown[];
  readonly requests?: readonly (string | null)[];
  readonly end?: string;
  readonly missed?: number;
  readonly duplicates?: number;
  readonly restarts?: number;
  readonly invalid?: number;
  readonly caught_up?: number;
  readonly tree?: readonly ExpectedSpan[];
  readonly text?: string | null;
  readonly text_incomplete?: boolean;
  readonly texts?: Readonly<Record<string, string>>;
  readonly outcome?: { readonly state: string; readonly error: string | null };
  readonly question?: string | null;
  readonly tokens?: Readonly<Record<"prompt" | "completion" | "total", number>>;
  readonly model_calls?: number;
  readonly tool_calls?: number;
  readonly prompts?: Readonly<Record<string, ExpectedPrompt | null>>;
}

/** A connection that a server answers with. */
export interface ScriptedConnection {
  readonly pieces: readonly string[];
  readonly cursor?: string;
}

/** A stream, as its file has it. */
export interface ConformanceStream {
  /** The name of the file, without `.json`. */
  readonly name: string;
  readonly about: string;
  readonly kill: string;
  readonly events?: readonly StreamEvent[];
  readonly connections?: readonly ScriptedConnection[];
  readonly follow?: "run" | "runs" | "all";
  readonly runs?: readonly string[];
  readonly after?: string;
  readonly piece_bytes?: number;
  readonly expect: Expectation;
}

const folder = new URL("../../docs/conformance/", import.meta.url);

/** All of them, by their names. */
export const streams: readonly ConformanceStream[] = readdirSync(fileURLToPath(folder))
  .filter((file) => file.endsWith(".json"))
  .sort()
  .map((file) => ({
    name: file.slice(0, -".json".length),
    ...JSON.parse(readFileSync(fileURLToPath(new URL(file, folder)), "utf8")),
  }));

/** Those of one run: what a picture of a run can be made of. */
export const streamsOfOneRun: readonly ConformanceStream[] = streams
  .filter(({ follow = "run" }) => follow === "run");

/** What a client got. */
export interface Delivery {
  readonly events: readonly StreamEvent[];
  /** The `Last-Event-ID` of every request. */
  readonly requests: readonly (string | null)[];
  readonly state: FollowState;
  /** How often the server said that everything that it had has been delivered. */
  readonly caughtUp: number;
}

/** Follows a stream to its end, or until the server says that nothing is left. */
export async function deliver(stream: ConformanceStream): Promise<Delivery> {
  const requests: (string | null)[] = [];
  let caughtUp = 0;
  const answers = connectionsOf(stream).values();
  const options = {
    after: stream.after,
    // A client that takes the end for a failure would come back for ever.
    retry: ({ failures }: { failures: number }) => failures > MAX_FAILURES ? null : 0,
    onError: () => {},
    onCaughtUp: () => void caughtUp++,
    fetch: (_url: string, { headers }: RequestInit) => {
      requests.push(new Headers(headers).get("Last-Event-ID"));
      const { value: connection } = answers.next();
      return Promise.resolve(
        connection === undefined
          ? new Response(null, { status: 204 })
          : answer(connection, stream.piece_bytes),
      );
    },
  };
  const url = "https://example.com/events";
  const followed: FollowedRun = stream.follow === "runs"
    ? followRuns(url, stream.runs ?? [], options)
    : followRun(url, options);
  const events: StreamEvent[] = [];
  for await (const event of followed) events.push(event);
  return { events, requests, state: followed.state, caughtUp };
}

const MAX_FAILURES = 5;

/** Events that were recorded come over one connection. */
function connectionsOf({ events, connections }: ConformanceStream): readonly ScriptedConnection[] {
  if (connections !== undefined) return connections;
  const decoder = new TextDecoder();
  return [{ pieces: (events ?? []).map((event) => decoder.decode(encodeEvent(event))) }];
}

function answer({ pieces, cursor }: ScriptedConnection, pieceBytes?: number): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const bytes of pieces.map((piece) => encoder.encode(piece))) {
        const length = pieceBytes ?? Math.max(1, bytes.length);
        for (let from = 0; from < bytes.length; from += length) {
          controller.enqueue(bytes.slice(from, from + length));
        }
      }
      controller.close();
    },
  });
  const headers = new Headers({ "Content-Type": "text/event-stream" });
  if (cursor !== undefined) headers.set("Locus-Cursor", cursor);
  return new Response(body, { headers });
}
