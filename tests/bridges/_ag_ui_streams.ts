/**
 * Streams of AG-UI, ours, by the rules that its corpus names. What it has beside these is about state, activities, older peers
 * and warnings: nothing that decides whether a stream is read.
 *
 * @module
 */

type Event = Readonly<Record<string, unknown>> & { readonly type: string };
type Streams = Readonly<Record<string, readonly Event[]>>;

const begin: Event = { type: "RUN_STARTED", threadId: "t", runId: "r", protocolVersion: "1.1" };
const end: Event = { type: "RUN_FINISHED", threadId: "t", runId: "r" };
const run = (...events: readonly Event[]) => [begin, ...events, end];
const chunk = (more: object): Event => ({ type: "TEXT_MESSAGE_CHUNK", delta: "x", ...more });
const start: Event = { type: "TEXT_MESSAGE_START", messageId: "m", role: "assistant" };
const piece: Event = { type: "TEXT_MESSAGE_CONTENT", messageId: "m", delta: "x" };
const stop: Event = { type: "TEXT_MESSAGE_END", messageId: "m" };
const failed: Event = { type: "RUN_ERROR", message: "failed" };
const note: Event = { type: "CUSTOM", name: "note", value: 1 };
const tool = (more: object = {}): Event => ({ type: "TOOL_CALL_CHUNK", delta: "{}", ...more });
const subagent: Event = { type: "SUBAGENT_STARTED", subagentRunId: "s", name: "helper" };
const back: Event = { type: "SUBAGENT_FINISHED", subagentRunId: "s" };

/**
 * Streams that a strict reader refuses, and `fromAgUi()` expectedly does not: it drops what breaks a rule, because
 * whoever watches an agent wants to see what it did all the same.
 */
export const FATAL: Streams = {
  "chunk-conflicting-role-fatal": run(
    chunk({ messageId: "m", role: "user" }),
    chunk({ messageId: "m", role: "assistant" }),
  ),
  "chunk-conflicting-tool-name-fatal": run(
    tool({ toolCallId: "c", toolCallName: "a" }),
    tool({ toolCallId: "c", toolCallName: "b" }),
  ),
  "content-without-start-fatal": run(piece),
  "custom-closes-chunk-stream-fatal": run(chunk({ messageId: "m" }), note, chunk({})),
  "event-after-run-finished-fatal": [...run(), note],
  "first-chunk-missing-id-fatal": run(chunk({})),
  "first-event-not-run-started-fatal": [start],
  "first-tool-chunk-missing-name-fatal": run(tool({ toolCallId: "c" })),
  "malformed-known-field-fatal": run(start, { ...piece, delta: 42 }, stop),
  "nested-run-started-fatal": [begin, begin, end],
  "open-message-at-run-finished-fatal": run(start),
  "reasoning-discipline-verified": run({ ...piece, type: "REASONING_MESSAGE_CONTENT" }),
  // AG-UI's own client refuses these two of the 15 streams that its Dart SDK is tested with (August 2026): a reasoning message
  // that opens twice, and more after an error than another run.
  "reasoning_events of the Dart SDK": run(
    { ...start, type: "REASONING_MESSAGE_START", role: "reasoning" },
    { ...start, type: "REASONING_MESSAGE_START", role: "reasoning" },
  ),
  "error_handling of the Dart SDK": [begin, failed, end],
  "reasoning-message-wrong-role-fatal": run(
    { ...start, type: "REASONING_MESSAGE_START" },
    { ...stop, type: "REASONING_MESSAGE_END" },
  ),
  "run-finished-with-active-subagent-fatal": run(subagent),
  "step-finished-without-start-fatal": run({ type: "STEP_FINISHED", stepName: "step" }),
  "subagent-attribution-mismatch-fatal": run(
    { type: "TOOL_CALL_START", toolCallId: "c", toolCallName: "look", subagentRunId: "s" },
    { type: "TOOL_CALL_END", toolCallId: "c", subagentRunId: "s2" },
  ),
  "subagent-finished-unstarted-fatal": run(back),
  "subagent-started-missing-name-fatal": run(
    { type: "SUBAGENT_STARTED", subagentRunId: "s" },
    back,
  ),
  // AG-UI's client refuses it, and its corpus says so. Its specification would have it left out.
  "unknown-enum-value-role-fatal": run({ ...start, role: "oracle" }, stop),
  "unknown-outcome-array-fatal": [begin, { ...end, outcome: [{ type: "interrupt" }] }],
};

/** Streams that it has to read. */
export const FINE: Streams = {
  "chunk-expansion-assembles": run(chunk({ messageId: "m", role: "assistant" }), chunk({})),
  "chunk-repeat-identical-accepted": run(
    chunk({ messageId: "m", role: "assistant" }),
    chunk({ messageId: "m", role: "assistant" }),
  ),
  "late-run-error-after-finished-run-continues": [...run(), failed],
  "raw-does-not-close-chunk-stream": run(
    chunk({ messageId: "m" }),
    { type: "RAW", event: {} },
    chunk({}),
  ),
  "reasoning-span-and-message": run(
    { type: "REASONING_START", messageId: "m" },
    { ...start, type: "REASONING_MESSAGE_START", role: "reasoning" },
    { ...piece, type: "REASONING_MESSAGE_CONTENT" },
    { ...stop, type: "REASONING_MESSAGE_END" },
    { type: "REASONING_END", messageId: "m" },
  ),
  "reopen-closed-message-appends": run(start, piece, stop, start, piece, stop),
  "run-error-first-run-continues": [failed],
  "run-error-then-new-run-continues": [begin, failed, ...run(start, piece, stop)],
  "run-finished-cancelled-outcome-accepted": [begin, { ...end, outcome: { type: "cancelled" } }],
  "run-finished-interrupt-outcome-accepted": [
    begin,
    { ...end, outcome: { type: "interrupt", interrupts: [{ id: "i", reason: "approval" }] } },
  ],
  "subagent-terminal-closes-open-chunk-stream": run(
    subagent,
    chunk({ messageId: "m", subagentRunId: "s" }),
    back,
  ),
  "subagent-unannounced-attribution-accepted": run(
    ...[start, piece, stop].map((event) => ({ ...event, subagentRunId: "s" })),
  ),
  "tool-call-triad-assembles": run(
    { type: "TOOL_CALL_START", toolCallId: "c", toolCallName: "look" },
    { type: "TOOL_CALL_ARGS", toolCallId: "c", delta: "{}" },
    { type: "TOOL_CALL_END", toolCallId: "c" },
    { type: "TOOL_CALL_RESULT", messageId: "m2", toolCallId: "c", content: "18" },
  ),
  "triad-assembles-message": run(start, piece, stop),
  "two-sequential-runs-accumulate": [...run(start, piece, stop), ...run()],
  "unknown-event-dropped": run({ type: "FROM_THE_FUTURE" }),
  "unknown-outcome-stripped": [begin, { ...end, outcome: { type: "from-the-future" } }],
  "unknown-property-stripped": run({ ...start, colour: "blue" }, piece, stop),
};
