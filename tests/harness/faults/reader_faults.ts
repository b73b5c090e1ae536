/**
 * For each stream of `docs/conformance`, the mistake of a reader that it is there to find: its `kill`, made in our own
 * readers.
 *
 * @module
 */
import type { Fault } from "./faults.ts";

/** Which of our readers must notice. */
type Reader = "client" | "view" | "terminal";

/** A change of one place: the file below `src`, the text that is replaced, and what with. */
type Change = readonly [file: string, find: string, replace: string];

const DELIVERED = "client/delivered.ts";
const FOLLOWER = "client/follower.ts";
const CONNECTION = "client/connection.ts";
const READ_EVENT = "client/read_event.ts";
const FEED = "sse/feed.ts";
const PICTURE = "view/run_picture.ts";
const PARTS = "view/picture_parts.ts";
const SPANS = "view/span_events.ts";
const READINGS = "view/span_readings.ts";
const READING = "view/span_reading.ts";
const TURNS = "view/turn_events.ts";
const SUMMARY = "view/run_summary.ts";
const STANDING = "view/run_standing.ts";
const CONVERSATION = "view/conversation.ts";

const IS_NEW = "const isNew = id.seq > this.#seq || isRestart(event);";
const KEY = "const key = `${event.run_id} ${id.epoch}`;";
const PARENT =
  "const parent = parentId ? parts.branch(parentId) ?? calls.get(parentId) ?? null : null;";
const ON_ID = "onId: (lastEventId) => void this.#arrivals.push({ lastEventId }),";
const MISSING =
  "const missing = isRestart(event) ? count : Math.min(count, to - this.#delivered.before);";
const MISSING_FILE = "view/missing_events.ts";
const GAP_COUNT = 'const count = Math.max(0, numberIn(data, "count") ?? 0);';
const GAP_LEFT = "return Math.max(0, Math.min(count, to.seq - last.seq));";

/** By the names of the streams. */
const client: Readonly<Record<string, Change>> = {
  "ids-duplicate": [DELIVERED, IS_NEW, "const isNew = id.seq >= this.#seq || isRestart(event);"],
  "ids-reordered": [DELIVERED, IS_NEW, "const isNew = id.seq !== this.#seq || isRestart(event);"],
  "ids-restart": [DELIVERED, KEY, "const key = `${event.run_id}`;"],
  "ids-restart-announced-twice": [DELIVERED, IS_NEW, "const isNew = id.seq > this.#seq;"],
  "ids-two-logs": [DELIVERED, "this.#highest.get(key) ?? 0", "0"],
  "ids-several-runs-alike": [DELIVERED, KEY, "const key = `${id.epoch}`;"],
  "position-several-runs": [
    FOLLOWER,
    "if (event !== undefined && this.#isNew(event)) return event;",
    "if (event !== undefined && this.#isNew(event)) {\n" +
    "this.#lastEventId = event.event_id; return event; }",
  ],
  "position-gap-counts-from-last": [FOLLOWER, MISSING, "const missing = count;"],
  "position-gap-covers-nothing": [
    DELIVERED,
    IS_NEW,
    'const isNew = id.seq > this.#seq || event.event_type === "bus.gap";',
  ],
  "position-all-runs": [CONNECTION, ON_ID, ""],
  "position-all-runs-gap": [READ_EVENT, '!isRunId(runId) && runId !== "*"', "!isRunId(runId)"],
  "several-runs-end-with-the-last": [
    FOLLOWER,
    "return runIds.every((runId) => this.#over.has(runId));",
    "return true;",
  ],
  "resume-after-cut": [
    FOLLOWER,
    "await connection.open(this.#lastEventId)",
    "await connection.open(null)",
  ],
  "resume-cursor-header": [CONNECTION, 'response.headers.get("Locus-Cursor")', "null"],
  "heartbeat-moves-the-cursor": [CONNECTION, ON_ID, ""],
  "bus-end-closes": [FOLLOWER, 'this.#end({ reason: "closed" });', ""],
  "bus-error-is-no-event": [
    READ_EVENT,
    'if (event.event_type === "bus.error") throw serverFailure(purpose, event.data.correlation_id);',
    "",
  ],
  "bus-live-is-no-duplicate": [
    FOLLOWER,
    'if (event?.event_type === "bus.live") this.#tell(this.#settings.onCaughtUp);\n      else if',
    "if",
  ],
  "nothing-left": [CONNECTION, "if (response.status === 204) return false;", ""],
  "wire-cut-anywhere": [
    FEED,
    "decoder.decode(bytes, { stream: true })",
    "decoder.decode(bytes)",
  ],
  "wire-line-ends": [FEED, 'rest.replace(/\\r\\n?/g, "\\n")', 'rest.replaceAll("\\r", "")'],
  "wire-invalid-messages": [
    FOLLOWER,
    'if (error instanceof ClientError && error.code === "bad_event") return this.#refuse(error);',
    "",
  ],
  "gap-unknown-cursor": [DELIVERED, 'event.data.reason === "unknown_cursor" || ', ""],
  "gap-then-resume": [
    FOLLOWER,
    "const { count, to_seq: to } = event.data;",
    "const { count, to_seq: to } = event.data;\n" +
    "this.#lastEventId = event.event_id.replace(/\\d+$/, String(to - count));",
  ],
};

const view: Readonly<Record<string, Change>> = {
  "gap-lagged": [MISSING_FILE, GAP_LEFT, "return 1;"],
  "gap-evicted": [MISSING_FILE, GAP_LEFT, "return to.seq;"],
  "gap-counts-from-last": [MISSING_FILE, GAP_LEFT, "return count;"],
  "gap-new-epoch-loses-open-work": [PICTURE, 'data.reason === "new_epoch"', "false"],
  "gap-in-the-text": [
    PICTURE,
    "for (const turn of turns.running) turn.textHasGap = true;",
    "void turns;",
  ],
  "gap-hides-a-beginning": [
    SPANS,
    "startSpan(parts, reading, at - (duration ?? 0), null);",
    "null as never;\n  if (span === null) return span;",
  ],
  "gap-counts-are-no-numbers": [
    MISSING_FILE,
    GAP_COUNT,
    "const count = data.count as number;",
  ],
  "spans-agent-model-tool": [SPANS, PARENT, "const parent = null;"],
  "spans-equal-call-ids": [
    READING,
    'textIn(data, "tool_span_id") || textIn(data, "span_id")',
    'textIn(data, "span_id")',
  ],
  "spans-equal-call-ids-turn-to-turn": [
    SPANS,
    PARENT,
    "const callId = parts.spans.get(parentId ?? '')?.callId ?? parentId;\n" +
    "const parent = callId ? calls.get(callId) ?? parts.branch(callId) : null;",
  ],
  "spans-old-equal-call-ids": [
    "view/open_work.ts",
    "return this.#byPair.get(pairKey)?.at(-1);",
    "return this.#byPair.get(pairKey)?.at(0);",
  ],
  "spans-sub-agent-two-levels-down": [
    SPANS,
    PARENT,
    PARENT.replace("parentId ?", 'parentId && role !== "agent" ?'),
  ],
  "spans-interleaved-agents": [
    TURNS,
    'return place?.kind === "turn" ? place : parts.turns.open(place, at, eventId);',
    "return parts.turns.running.at(-1) ?? parts.turns.open(place, at, eventId);",
  ],
  "spans-parallel-retrievals": [READING, "{ spanId: id, pairKey: id }", "{ spanId: id }"],
  "spans-unknown-parent": [
    SPANS,
    PARENT,
    PARENT.replace("?? null : null", "?? [...parts.open.spans][0] ?? null : null"),
  ],
  "spans-without-ids": [
    SPANS,
    PARENT,
    PARENT.replace("?? null : null", "?? null : [...parts.open.spans].at(-1) ?? null"),
  ],
  "spans-left-open": [
    PICTURE,
    'case "bus.end":\n        loseAll(parts, at);',
    'case "bus.end":',
  ],
  "spans-resumed": [SPANS, '(known.state === "waiting" || reading.isResumed)', "false"],
  "spans-waiting": [PICTURE, "startWaiting(row, at);", ""],
  "spans-model-attempts": [TURNS, 'failed ? "failed" : "done"', '"done"'],
  "spans-linked": [PICTURE, "return linkSpan(parts, data);", "return null;"],
  "spans-graph-nodes": [
    READINGS,
    'NODE_STATES.get(textIn(data, "status")) ?? reading.state',
    '"done"',
  ],
  "spans-router-failed": [READINGS, '"router.runnable.failed"', '"router.runnable.refused"'],
  "spans-fan-out-errors": [
    READINGS,
    'state: failed! > 0 ? "failed" : waiting! > 0 ? "waiting" : "done",',
    'state: waiting! > 0 ? "waiting" : "done",',
  ],
  "spans-request-status": [
    READINGS,
    'state: status >= 200 && status < 400 ? "done" : "failed",',
    "",
  ],
  "spans-child-run": [
    READING,
    "const failed = data.success === false ||",
    "const failed =",
  ],
  "text-chunks": ["view/turn_text.ts", "turn.text += piece;", "turn.text = piece;"],
  "text-while-running": [
    PICTURE,
    'latest !== null && (latest.state !== "done" || latest.isAnswer)',
    "latest !== null && latest.isAnswer",
  ],
  "text-voided-by-retry": [PICTURE, "startOver(parts, data);", ""],
  "text-retry-keeps-attempts": [TURNS, 'if (place?.kind === "turn") return;', ""],
  "text-reasoning-is-no-answer": [
    TURNS,
    'write(parts, data, textIn(data, "content_preview", Infinity), at, eventId)',
    'write(parts, data, textIn(data, "content_preview") || textIn(data, "text"), at, eventId)',
  ],
  "text-not-streamed": [TURNS, 'if (turn.text === "") setPreview(turn, text);', ""],
  "text-before-tools-is-no-answer": [
    TURNS,
    "turn.isAnswer = data.has_tool_calls !== true;",
    "turn.isAnswer = true;",
  ],
  "text-side-call-is-no-answer": [
    "view/model_turns.ts",
    "return agent.turn = turn;",
    "return this.latest = agent.turn = turn;",
  ],
  "text-of-coordination": [TURNS, 'case "llm_text_delta":', ""],
  "outcome-ok": [STANDING, "return complete(standing, data, event);", "return false;"],
  "outcome-error": [STANDING, '["error", "failed"],', ""],
  "outcome-cancelled": [STANDING, '["cancelled", "cancelled"],', '["cancelled", "failed"],'],
  "outcome-waiting": [STANDING, 'if (outcome === "waiting") {', "if (false) {"],
  "outcome-waiting-then-on": [
    STANDING,
    'type === "run.started" || ',
    "",
  ],
  "outcome-waiting-by-the-run": [STANDING, "if (isResumed || ", "if ("],
  "outcome-answered": [
    STANDING,
    'if (isResumed || type === "run.started" || type.startsWith("agent.")) goOn(standing);',
    'if (isResumed || type === "run.started") goOn(standing);',
  ],
  "outcome-agent-failed": [STANDING, 'typeof success !== "boolean"', "true"],
  "outcome-agent-limit": [STANDING, 'kind === "limit" ? "stopped" : "failed"', '"failed"'],
  "outcome-agent-cancelled": [
    STANDING,
    'return kind === "cancelled" ? "cancelled" : kind',
    "return kind",
  ],
  "outcome-old-agent": [
    STANDING,
    'isSuccess(reason) ? "done" : reason === "cancelled" ? "cancelled" : "stopped"',
    '"done"',
  ],
  "outcome-old-agent-error": [STANDING, 'if (reason === "error") return "failed";', ""],
  "outcome-execution-failed": [STANDING, 'case "execution_failed":', 'case "":'],
  "outcome-run-wins-over-agent": [
    STANDING,
    '(state === "done" || standing.state !== "done")',
    "true",
  ],
  "outcome-sub-agent-failed": [
    SUMMARY,
    "if (addToStanding(summary, event)) summary.errors++;",
    'if (addToStanding(summary, event)) summary.errors++;\n  if (summary.errors > 0) summary.state = "failed";',
  ],
  "outcome-nobody-said": [
    STANDING,
    'standing.error === null ? "ended" : "failed"',
    'standing.error === null ? "done" : "failed"',
  ],
  "tokens-add-up": [
    SUMMARY,
    'summary.total_tokens += numberIn(data, "total_tokens") ?? 0;',
    'summary.total_tokens = numberIn(data, "total_tokens") ?? summary.total_tokens;',
  ],
  "unknown-event-types": [READINGS, "Object.hasOwn(READERS, eventType)", "eventType in READERS"],
  "missing-keys": [
    TURNS,
    "isRecord(data.attributes) ? data.attributes : {}",
    "data.attributes as typeof data",
  ],
  "hostile-ids": [
    PARTS,
    "return this.spans.get(id) ?? this.turns.byId(id);",
    "return ({} as Record<string, PictureSpan>)[id] ?? this.spans.get(id) ?? this.turns.byId(id);",
  ],
  "prompts-deltas": [CONVERSATION, "call?.answer.push(...messages);", "void messages;"],
  "prompts-rewritten": [CONVERSATION, ".slice(0, count)", ""],
  "prompts-retry": [
    CONVERSATION,
    "if (length < missing) break;",
    "if (length < missing || call.answer.length === 0) break;",
  ],
  "prompts-parallel": [
    CONVERSATION,
    "this.#spans.get(baseId)?.call ?? null;",
    "[...this.#spans.values()].at(-2)?.call ?? null;",
  ],
  "prompts-evicted-base": [
    CONVERSATION,
    "messages: pieces.reverse().flat(), missing, truncated",
    "messages: pieces.reverse().flat(), missing: 0, truncated",
  ],
  "prompts-truncated": [
    CONVERSATION,
    "truncated ||= call.isCut ||",
    "truncated ||=",
  ],
};

const terminal: Readonly<Record<string, Change>> = {
  "hostile-strings": ["view/visible.ts", "if (PLAIN.test(text)) return text;", "return text;"],
};

/** What only a screen can get wrong: further kills, of streams that have one already. */
const drawing: Readonly<Record<string, Change>> = {
  "spans-graph-nodes": ["cli/screen/tree.ts", 'failed: "✗", skipped', 'failed: "✓", skipped'],
  "spans-sub-agent-two-levels-down": [
    "cli/screen/tree.ts",
    "addAll(lines, row.children, trunk, true);",
    'addAll(lines, row.children, "", true);',
  ],
  "outcome-waiting": [
    "cli/screen/draw.ts",
    "return [...STATES[state as RunState], state];",
    'return [...STATES[state as RunState], "running"];',
  ],
  "text-chunks": [
    "cli/screen/draw.ts",
    "(isWhole ? lines : lines.slice(-LIVE_TEXT_LINES))",
    "[]",
  ],
  "gap-lagged": ["view/gap_words.ts", '"event")} missing', '"event")} late'],
};

/** The name of each stream that a fault is for. */
export const killedStreams: ReadonlySet<string> = new Set(
  [client, view, terminal].flatMap((kills) => Object.keys(kills)),
);

/** The kills of the streams, and what only a screen can get wrong. */
export const readerFaults: readonly Fault[] = [
  ...faultsOf("client", client),
  ...faultsOf("view", view),
  ...faultsOf("terminal", terminal),
  ...faultsOf("terminal", drawing),
];

function faultsOf(reader: Reader, kills: Readonly<Record<string, Change>>): Fault[] {
  return Object.entries(kills).map(([stream, [path, find, replace]]) => {
    const [area, file] = path.split(/\/(.*)/s) as [Fault["area"], string];
    const caughtBy = { file: `../conformance/streams_${reader}_test.ts`, test: `"${stream}"` };
    return { name: `conformance: ${reader}, ${stream}`, area, file, find, replace, caughtBy };
  });
}
