/**
 * The forms of what a span got and gave: its documents with those that were used, what it changed, which routes were
 * open, what an agent has to do.
 *
 * @module
 */
import { isRecord } from "../../src/core/describe.ts";
import type { StreamEvent } from "../../src/events/stream_event.ts";
import type { Conversation } from "../../src/view/conversation.ts";
import { numberIn, textIn } from "../../src/view/payload.ts";
import { type PictureRow, type PictureSpan, visitRows } from "../../src/view/picture_rows.ts";
import type { DetailForm } from "../model/detail_form.ts";

/** Documents; `used` are those that an answer says it used, by id. */
export function documentsForm(
  content: unknown,
  used: ReadonlyMap<string, string>,
): DetailForm | undefined {
  if (!Array.isArray(content)) return undefined;
  const documents = content.slice(0, MAX_DOCUMENTS).map((document) => {
    const fields = isRecord(document) ? document : { text: String(document) };
    const { id, score, text, metadata, ...rest } = fields as Record<string, unknown>;
    const more = isRecord(metadata) ? { ...rest, ...metadata } : rest;
    const name = typeof id === "string" || typeof id === "number" ? String(id) : "";
    return {
      id: name || textIn(rest, "source_id") || textIn(rest, "label"),
      score: typeof score === "number" ? score : null,
      text: typeof text === "string" ? text : "",
      more: Object.entries(more).map(([key, value]) => `${key}: ${wordsOf(value)}`).join(" · "),
      usedBy: used.get(name) ?? null,
    };
  });
  return { kind: "documents", documents };
}

/** The documents that answers of a run used, and what says so. */
export function usedDocuments(
  rows: readonly PictureRow[],
  conversation: Conversation,
): ReadonlyMap<string, string> {
  const used = new Map<string, string>();
  visitRows(rows, (row) => {
    if (row.kind === "note" || row.spanId === null) return;
    for (const { kind, direction, content, used_by: by } of conversation.contentOf(row.spanId)) {
      if (kind !== "documents" || direction !== "input" || !Array.isArray(content)) continue;
      for (const document of content) {
        if (isRecord(document)) used.set(textIn(document, "id"), String(by ?? ""));
      }
    }
  });
  return used;
}

/** What a node changed in the state of its graph; what was there is known as far as nodes before it wrote it. */
export function changesForm(
  row: PictureSpan,
  update: unknown,
  conversation: Conversation,
): DetailForm | undefined {
  if (!isRecord(update)) return undefined;
  const before: Record<string, unknown> = Object.create(null);
  for (const sibling of row.parent?.children ?? []) {
    if (sibling === row) break;
    if (sibling.kind !== "span" || sibling.spanId === null) continue;
    if (sibling.endedAt === null || sibling.endedAt > row.startedAt) continue;
    for (const { kind, direction, content } of conversation.contentOf(sibling.spanId)) {
      if (kind === "state" && direction === "output" && isRecord(content)) {
        Object.assign(before, content);
      }
    }
  }
  const changes = Object.keys(update).map((key) => ({
    key,
    before: key in before ? wordsOf(before[key]) : null,
    after: wordsOf(update[key]),
  }));
  return { kind: "changes", changes };
}

/** The routes that a choice had. */
export function routesForm(event: StreamEvent): DetailForm | undefined {
  const data = event.data as Readonly<Record<string, unknown>>;
  const candidates = Array.isArray(data.candidates) ? data.candidates.filter(isRecord) : [];
  const taken = Array.isArray(data.to_nodes)
    ? data.to_nodes.map(String)
    : [textIn(data, "protocol_id")].filter(Boolean);
  const known = new Set(candidates.map((one) => textIn(one, "id")));
  const said = data.condition_result ?? data.reason;
  const routes = [
    ...taken.filter((id) => !known.has(id)).map((id) => ({
      id,
      isChosen: true,
      why: said == null ? "" : wordsOf(said),
      score: null,
    })),
    ...candidates.map((one) => ({
      id: textIn(one, "id"),
      isChosen: one.chosen === true,
      why: textIn(one, "reason"),
      score: numberIn(one, "score"),
    })),
  ];
  return routes.length === 0 ? undefined : { kind: "routes", routes: routes.slice(0, MAX_ROUTES) };
}

/** Whether an event tells of a choice that was made in a span, or after it. */
export function isChoiceOf(
  { event_type: type, data: payload }: StreamEvent,
  row: PictureSpan,
): boolean {
  const data = payload as Readonly<Record<string, unknown>>;
  if (type === "router.protocol.selected") return data.span_id === row.spanId;
  return type === "multiagent.graph.node.routed" && data.from_node === row.name &&
    row.parent?.kind === "span" && data.span_id === row.parent.spanId;
}

/** What an agent has to do, as it wrote it down last. */
export function todosForm(row: PictureSpan, conversation: Conversation): DetailForm | undefined {
  let list: unknown;
  visitRows(row.children, (inner) => {
    if (inner.kind !== "span" || inner.name !== "write_todos" || inner.spanId === null) return;
    for (const { kind, content } of conversation.contentOf(inner.spanId)) {
      if (kind === "arguments" && isRecord(content)) list = content.todos_json ?? content.todos;
    }
  });
  const todos = Array.isArray(list) ? list : parsed(list);
  if (!Array.isArray(todos) || todos.length === 0) return undefined;
  return {
    kind: "todos",
    todos: todos.slice(0, MAX_ROUTES).filter(isRecord).map((todo) => ({
      text: textIn(todo, "content") || textIn(todo, "text"),
      state: textIn(todo, "status") || "pending",
    })),
  };
}

/** The files that an agent wrote, by their paths. */
export function filesOf(row: PictureSpan, conversation: Conversation): ReadonlyMap<string, number> {
  const files = new Map<string, number>();
  visitRows(row.children, (inner) => {
    if (inner.kind !== "span" || inner.spanId === null || inner.state !== "done") return;
    if (inner.name !== "write_file" && inner.name !== "edit_file") return;
    for (const { kind, content } of conversation.contentOf(inner.spanId)) {
      if (kind !== "arguments" || !isRecord(content) || files.size >= MAX_DOCUMENTS) continue;
      const path = textIn(content, "path") || textIn(content, "file_path");
      if (path !== "") files.set(path, (files.get(path) ?? 0) + 1);
    }
  });
  return files;
}

function parsed(text: unknown): unknown {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wordsOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

const MAX_DOCUMENTS = 200;
const MAX_ROUTES = 100;
