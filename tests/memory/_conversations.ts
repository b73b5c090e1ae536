/** Conversations for the tests of what shortens them. */

import fc from "../harness/support/property.ts";
import type { ConversationContext, Message } from "../../src/memory/mod.ts";

/** A message, with what is not worth to write down each time. */
export function say(role: Message["role"], content: string, more: Partial<Message> = {}): Message {
  return Object.freeze({
    role,
    content,
    tool_calls: [],
    tool_call_id: null,
    name: null,
    metadata: {},
    ...more,
  });
}

/** An assistant's message that calls tools, and their results. */
export function round(id: string, results: readonly string[], name = "search"): Message[] {
  const calls = results.map((_, i) => ({ id: `${id}_${i}`, name, arguments: { q: `${i}` } }));
  return [
    say("assistant", "", { content: null, tool_calls: calls }),
    ...results.map((result, i) => say("tool", result, { tool_call_id: calls[i]!.id, name })),
  ];
}

/** So many messages, the user's and the assistant's in turn, behind an instruction. */
export function chat(count: number): Message[] {
  return [
    say("system", "Be brief."),
    ...Array.from({ length: count }, (_, i) => say(i % 2 === 0 ? "user" : "assistant", `m${i}`)),
  ];
}

/** The texts, each with the initial of its role. */
export function outlineOf(messages: readonly Message[]): string[] {
  return messages.map(({ role, content }) => `${role[0]} ${content ?? "calls"}`);
}

/** A context that notes what is published. */
export function listening(
  more: Partial<ConversationContext> = {},
): { context: ConversationContext; events: [string, Record<string, unknown>][] } {
  const events: [string, Record<string, unknown>][] = [];
  return { events, context: { ...more, emit: (type, data) => events.push([type, { ...data }]) } };
}

/** Random conversations as agents have them: turns of rounds with one to three calls, and an answer, mostly. */
export function conversations(): fc.Arbitrary<Message[]> {
  const text = (max: number) =>
    fc.integer({ min: 1, max }).map((length) => "lorem ipsum dolor ".repeat(length).trim());
  const results = fc.array(fc.oneof({ weight: 9, arbitrary: text(40) }, text(400)), {
    minLength: 1,
    maxLength: 3,
  });
  const roundOf = fc.record({
    text: fc.option(text(10)),
    results,
    isSkill: fc.nat(7).map((n) => n === 0),
  });
  const turn = fc.record({
    question: text(30),
    rounds: fc.array(roundOf, { maxLength: 6 }),
    answer: fc.option(text(40)),
  });
  return fc.array(turn, { minLength: 1, maxLength: 12 }).map((turns) => {
    const messages = [say("system", "You are a helpful AI assistant.")];
    for (const [t, { question, rounds, answer }] of turns.entries()) {
      messages.push(say("user", `Question ${t}: ${question}`));
      for (const [r, { text, results, isSkill }] of rounds.entries()) {
        const [call, ...rest] = round(`c${t}_${r}`, results, isSkill ? "skills" : "search");
        messages.push({ ...call!, content: text }, ...rest);
      }
      if (answer !== null) messages.push(say("assistant", `Answer ${t}: ${answer}`));
    }
    return messages;
  });
}
