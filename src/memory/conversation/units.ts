/** A conversation in parts that stay or go as a whole, so that no call loses its result and no result its call. */

import type { Message } from "../../events/message.ts";

/** One message, or an assistant's with the results of its calls. */
export interface Unit {
  /** Index of its first message. */
  readonly at: number;
  readonly messages: readonly Message[];
  readonly kind: "system" | "summary" | "user" | "assistant";
  /** Which message of the user it comes after, from 1; 0 before the first. */
  readonly turn: number;
}

/** The units of a conversation. Results without a call are left out: models refuse them. */
export function toUnits(messages: readonly Message[]): readonly Unit[] {
  const units: Unit[] = [];
  let turn = 0;
  for (let i = 0; i < messages.length;) {
    const at = i;
    const first = messages[i++]!;
    if (first.role === "tool") continue;
    const unit = [first];
    if (first.role === "assistant") {
      const calls = new Set(first.tool_calls.map(({ id }) => id));
      for (; messages[i]?.role === "tool"; i++) {
        if (calls.has(messages[i]!.tool_call_id ?? "")) unit.push(messages[i]!);
      }
    }
    if (first.role === "user") turn++;
    const isSummary = first.role === "system" && first.metadata.summary !== undefined;
    units.push({ at, messages: unit, kind: isSummary ? "summary" : first.role, turn });
  }
  return units;
}

/** Whether it is what was said, not an instruction. */
export function isSaid({ kind }: Unit): boolean {
  return kind === "user" || kind === "assistant";
}

/** How many messages there are in all. */
export function countMessages(units: readonly Unit[]): number {
  return units.reduce((sum, { messages }) => sum + messages.length, 0);
}

/** The messages of units, in their order. */
export function messagesOf(units: readonly Unit[]): readonly Message[] {
  return units.flatMap(({ messages }) => messages);
}

/**
 * The last units, of so many messages at most; the last one in any case. They begin with the user: what the model goes on
 * with must be a question, and providers refuse anything else. Where a question has to be fetched from further back, others
 * make room for it.
 *
 * @param units Without instructions.
 */
export function lastUnits(units: readonly Unit[], limit: number): readonly Unit[] {
  let from = units.length;
  let count = 0;
  const reach = (most: number) => {
    while (from > 0) {
      const { length } = units[from - 1]!.messages;
      if (from < units.length && count + length > most) break;
      count += length;
      from--;
    }
  };
  reach(limit);
  if (units[from]?.kind !== "assistant") return units.slice(from);
  const opener = units.slice(0, from).findLast(({ kind }) => kind === "user");
  if (opener === undefined) return units.slice(from);
  [from, count] = [units.length, 0];
  reach(limit - 1);
  return [opener, ...units.slice(from)];
}
