/**
 * What the detail says while nothing is selected: what the run was asked, and what it answered.
 *
 * @module
 */
import type { ContentItem } from "../../src/view/conversation.ts";
import { messageText } from "../../src/view/message_text.ts";
import type { PictureRow } from "../../src/view/picture_rows.ts";
import type { RunPicture } from "../../src/view/run_picture.ts";
import { count } from "../format.ts";
import type { Detail, DetailText } from "../view/detail_view.ts";

/** The detail of a run; null where nothing of it is known that the header does not say. */
export function detailOfRun(picture: RunPicture): Detail | null {
  // All lines may have to be looked at, and this is asked with every frame.
  if (latest?.picture !== picture || latest.revision !== picture.revision) {
    latest = { picture, revision: picture.revision, detail: readRun(picture) };
  }
  return latest.detail;
}

let latest: { picture: RunPicture; revision: number; detail: Detail | null } | null = null;

function readRun(picture: RunPicture): Detail | null {
  const { summary, speaking } = picture;
  const asked = textOfAgent(picture, "input") || firstQuestion(picture);
  const answer = speaking?.isAnswer ? speaking.text.trim() : textOfAgent(picture, "output");
  const texts: DetailText[] = [];
  if (asked !== "") texts.push({ name: "asked", text: asked });
  if (answer !== "") texts.push({ name: "answer", text: answer });
  if (summary.error !== null) texts.push({ name: "error", text: summary.error, tone: "failed" });
  if (texts.length === 0) return null;
  const { prompt_tokens: sent, completion_tokens: written } = summary;
  return {
    isEvent: false,
    isRun: true,
    title: "This run",
    mark: null,
    about: "Nothing is selected.",
    facts: [
      ...summary.started_at === null ? [] : [["began", summary.started_at] as const],
      ...sent + written === 0
        ? []
        : [["tokens", `${count(sent)} in, ${count(written)} out`] as const],
    ],
    texts,
    links: [],
    raw: [],
  };
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
