/** What the tests of teams share. */

import { EventBus, withRun } from "../../mod.ts";
import { specialist, type SpecialistOptions } from "../../src/team/mod.ts";
import { type ScriptedModel, scriptedModel, type Turn } from "../../src/testing/mod.ts";
import { type BusEvent, eventsOf } from "../agent/_support.ts";

/** A specialist whose model says this. */
export function says(
  id: string,
  turns: Parameters<typeof scriptedModel>[0],
  more: Partial<SpecialistOptions> = {},
) {
  return specialist({ id, name: id, model: scriptedModel(turns), ...more });
}

/** A turn that hands a task to a tool. */
export function calls(toolName: string, prompt = "go", more: object = {}): Turn {
  return { toolCalls: [{ toolName, input: { prompt, ...more } }] };
}

/** What reaches the bus while `work` runs in a run of its own, and what it came to, or was rejected with. */
export async function watched<R>(
  work: () => Promise<R>,
  runId = "r",
): Promise<{ events: BusEvent[]; value: R; error: unknown }> {
  const bus = new EventBus({ historyPerRun: 20_000 });
  let value: R | undefined;
  let error: unknown = null;
  try {
    value = await withRun({ runId, bus }, work);
  } catch (thrown) {
    error = thrown;
  }
  return { events: eventsOf(bus, runId, 20_000), value: value as R, error };
}

/** The events of teams, in a word each. */
export function types(events: readonly BusEvent[]): string[] {
  return ofTeams(events).map(({ event_type }) => event_type.replace("multiagent.", ""));
}

/** The events of teams. */
export function ofTeams(events: readonly BusEvent[]): BusEvent[] {
  return events.filter(({ event_type }) => /^multiagent\.(?!graph)/.test(event_type));
}

/** What a model was asked, call by call, as one text. */
export function prompts({ calls }: ScriptedModel): string[] {
  return calls.map(({ prompt }) =>
    prompt.map(({ role, content }) =>
      `${role}: ${
        typeof content === "string"
          ? content
          : content.map((part) => part.type === "text" ? part.text : JSON.stringify(part)).join(" ")
      }`
    ).join("\n---\n")
  );
}

/** A model that never answers; `asked` resolves when it is called, `aborted` when it is told to stop. */
export function hanging() {
  const asked = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<void>();
  const model = scriptedModel(({ abortSignal }) => {
    abortSignal?.addEventListener("abort", () => aborted.resolve());
    asked.resolve();
    return new Promise(() => {});
  });
  return { model, asked: asked.promise, aborted: aborted.promise };
}
