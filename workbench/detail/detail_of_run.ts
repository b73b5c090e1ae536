/**
 * What the detail says while nothing is selected: what the run was asked and answered, where its time and tokens went.
 *
 * @module
 */
import type { ContentItem } from "../../src/view/conversation.ts";
import { messageText } from "../../src/view/message_text.ts";
import type { PictureRow } from "../../src/view/picture_rows.ts";
import type { RunPicture } from "../../src/view/run_picture.ts";
import type { RunSummary } from "../../src/view/run_summary.ts";
import { count, duration, money } from "../format.ts";
import { modelsOf, priceOf, type Prices } from "../model/run_cost.ts";
import { timeOf } from "../view/row_words.ts";
import { NOT_CAPTURED } from "./content_of.ts";
import type { Detail, DetailText } from "../view/detail_view.ts";

/** What the detail of a run is made of, besides its picture. */
export interface RunContext {
  readonly critical: ReadonlySet<PictureRow>;
  readonly prices: Prices;
  readonly startedAt: number;
  readonly endsAt: number;
}

/** The detail of a run: asked, answered, where the time went, what it cost. */
export function detailOfRun(picture: RunPicture, context: RunContext): Detail {
  // Of a long run this is much to look at, and it is asked with every frame.
  const isKnown = latest?.picture === picture && latest.critical === context.critical &&
    (latest.revision === picture.revision || performance.now() - latest.at < PAUSE_MS);
  if (latest === null || !isKnown) {
    const { critical } = context;
    const { revision } = picture;
    const detail = readRun(picture, context);
    latest = { picture, critical, revision, at: performance.now(), detail };
  }
  return latest.detail;
}

let latest: {
  readonly picture: RunPicture;
  readonly critical: RunContext["critical"];
  readonly revision: number;
  readonly at: number;
  readonly detail: Detail;
} | null = null;

function readRun(picture: RunPicture, context: RunContext): Detail {
  const { summary, speaking } = picture;
  const asked = textOfAgent(picture, "input") || firstQuestion(picture);
  const answer = speaking?.isAnswer ? speaking.text.trim() : textOfAgent(picture, "output");
  const texts: DetailText[] = [];
  if (asked !== "") texts.push({ name: "asked", text: asked });
  if (answer !== "") texts.push({ name: "answer", text: answer });
  if (picture.conversation.isEmpty && answer === "") {
    texts.push({ ...NOT_CAPTURED, name: "asked and answered" });
  }
  if (summary.error !== null) texts.push({ name: "error", text: summary.error, tone: "failed" });
  texts.push(...timesOf(context), ...costsOf(summary, context.prices));
  return {
    isEvent: false,
    title: "This run",
    mark: null,
    about: "",
    facts: summary.started_at === null ? [] : [["began", summary.started_at] as const],
    texts,
    links: [],
    raw: [],
  };
}

/** Where the time went that the end had to wait for. */
function timesOf({ critical, startedAt, endsAt }: RunContext): DetailText[] {
  const whole = endsAt - startedAt;
  const all = timeOf(critical, endsAt);
  if (all.length === 0 || whole <= 0) return [];
  const rows = all.slice(0, MOST_TIMES).map(({ name, ms, times }) => ({
    name,
    ms,
    times: String(times),
  }));
  const known = rows.reduce((sum, { ms }) => sum + ms, 0);
  if (whole - known > whole / 200) rows.push({ name: "all else", ms: whole - known, times: "" });
  return [{
    name: "where the time went",
    text: rows.map(({ name, ms }) => `${name} ${duration(ms)}`).join("\n"),
    form: {
      kind: "table",
      head: ["critical path", "calls", "time", "share"],
      rows: rows.map(({ name, ms, times }) => [name, times, duration(ms), percent(ms / whole)]),
      shares: rows.map(({ ms }) => ms / whole),
    },
  }];
}

/** Tokens by model, and what they cost. */
function costsOf(summary: RunSummary, prices: Prices): DetailText[] {
  const models = modelsOf(summary);
  if (models.length === 0) return [];
  const isCached = models.some(([, tokens]) => tokens.cached_input_tokens);
  const rows = models.map(([model, tokens]) => [
    model || (models.length > 1 ? "others" : "all models"),
    count(tokens.prompt_tokens),
    ...isCached ? [tokens.cached_input_tokens ? count(tokens.cached_input_tokens) : "–"] : [],
    count(tokens.completion_tokens),
    ...prices === null ? [] : [money(priceOf(model, tokens, prices), prices.currency)],
  ]);
  const head = [
    "model",
    "in",
    ...isCached ? ["cached"] : [],
    "out",
    ...prices === null ? [] : ["cost"],
  ];
  return [{
    name: prices === null ? "tokens" : "tokens and cost",
    text: rows.map((row) => row.join(" ")).join("\n"),
    form: { kind: "table", head, rows },
  }];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** What went into the outermost agent, or came out of it. */
function textOfAgent(
  { rows, conversation }: RunPicture,
  direction: ContentItem["direction"],
): string {
  const spanId = firstIn(rows, (row) => {
    return row.kind === "span" && row.role === "agent" ? row.spanId ?? "" : null;
  });
  const item = spanId
    ? conversation.contentOf(spanId).findLast((item) =>
      item.direction === direction && (item.kind === "text" || item.kind === "json")
    )
    : undefined;
  if (item === undefined) return "";
  return typeof item.content === "string" ? item.content : JSON.stringify(item.content, null, 2);
}

/** What a person said last in the first prompt; a title may be a name, and is no question. */
function firstQuestion({ rows, conversation }: RunPicture): string {
  return firstIn(rows, (row) => {
    if (row.kind !== "turn" || row.spanId === null) return null;
    const message = conversation.prompt(row.spanId)?.messages.findLast(({ role }) =>
      role === "user"
    );
    return message === undefined ? null : messageText(message) || null;
  }) ?? "";
}

/** The first that is found, from top to bottom; it is among the first lines, or nowhere. */
function firstIn(
  rows: readonly PictureRow[],
  find: (row: PictureRow) => string | null,
  room = { lines: MOST_LINES },
): string | null {
  for (const row of rows) {
    if (room.lines-- <= 0) return null;
    const found = find(row) ?? (row.kind === "note" ? null : firstIn(row.children, find, room));
    if (found !== null) return found;
  }
  return null;
}

const MOST_LINES = 500;
const MOST_TIMES = 5;
/** How long the detail of a run that goes on may be that of a moment ago. */
const PAUSE_MS = 300;
