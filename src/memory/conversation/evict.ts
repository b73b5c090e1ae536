/** Long results of tools are the first to go: their beginning is left, and by what the rest can be read. */

import type { EvictedResult } from "../../events/catalogue/memory.ts";
import type { Message } from "../../events/message.ts";
import type { ConversationContext } from "./manager.ts";
import type { Unit } from "./units.ts";

/** What may be evicted, and until when. */
export interface EvictionPlan {
  /** How many tokens the conversation has. */
  readonly tokens: number;
  /** How many it shall have at most. */
  readonly target: number;
  /** Results of more tokens than this may go. */
  readonly above: number;
  count(message: Message): number;
  isProtected(message: Message): boolean;
  /** Whether a unit belongs to the last turns. */
  isRecent(unit: Unit): boolean;
}

/** The units with some results cut, what those were, and how many tokens are left. */
export interface Evicted {
  readonly units: readonly Unit[];
  readonly evicted: readonly EvictedResult[];
  readonly tokens: number;
}

/**
 * Cuts long results until the target is reached: the oldest first outside of the last turns, then the largest first within
 * them. Those of the last unit stay, since the model has not read them yet.
 */
export function evictResults(
  units: readonly Unit[],
  plan: EvictionPlan,
  keep: ConversationContext["keep"],
): Evicted {
  let { tokens } = plan;
  const cut = new Map<Message, Message>();
  const evicted: EvictedResult[] = [];
  for (const message of candidates(units, plan)) {
    if (tokens <= plan.target) break;
    const ref = keep?.(message) ?? null;
    const short = cutResult(message, ref);
    tokens -= plan.count(message) - plan.count(short);
    cut.set(message, short);
    const { tool_call_id: id, name, content } = message;
    const bytes = new TextEncoder().encode(content ?? "").length;
    evicted.push({ tool_call_id: id ?? "", name: name ?? "", bytes, ref });
  }
  if (cut.size === 0) return { units, evicted, tokens };
  const left = units.map((unit) => ({
    ...unit,
    messages: unit.messages.map((message) => cut.get(message) ?? message),
  }));
  return { units: left, evicted, tokens };
}

function candidates(units: readonly Unit[], plan: EvictionPlan): readonly Message[] {
  const found = units.slice(0, -1).flatMap((unit) =>
    unit.messages.filter((message) =>
      message.role === "tool" && message.metadata.evicted === undefined &&
      !plan.isProtected(message) && plan.count(message) > plan.above
    ).map((message) => ({ message, isRecent: plan.isRecent(unit), size: plan.count(message) }))
  );
  const old = found.filter(({ isRecent }) => !isRecent);
  const recent = found.filter(({ isRecent }) => isRecent).sort((a, b) => b.size - a.size);
  return [...old, ...recent].map(({ message }) => message);
}

function cutResult(message: Message, ref: string | null): Message {
  const { content, name, metadata: { files: _, ...metadata } } = message;
  const text = content ?? "";
  const rest = ref === null ? "call it again if you need it" : `to read it: ${ref}`;
  const start = [...text.slice(0, SHOWN * 2)].slice(0, SHOWN).join("");
  return Object.freeze({
    ...message,
    content: `[${text.length} characters of ${name}, left out to save room; ${rest}; ` +
      `it began with: ${start}]`,
    metadata: { ...metadata, evicted: ref ?? true },
  });
}

const SHOWN = 120;
