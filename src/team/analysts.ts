/** Specialists that incidents need, with their prompts. */

import { Specialist, type SpecialistOptions } from "./specialist.ts";

/** What is said of a preset; a name of its own, and whatever else a specialist takes, may be given. */
export type AnalystOptions = Partial<SpecialistOptions>;

/** Makes a specialist that reads logs. */
export function createLogAnalyst(options: AnalystOptions = {}): Specialist {
  return make(options, "log_analyst", "Log analyst", "Finds what logs say about an incident", [
    "Look for the first error, not the loudest: what came before it, and what repeats.",
    "Quote the lines that you rely on, with their times and sources.",
  ]);
}

/** Makes a specialist that reads metrics. */
export function createMetricsAnalyst(options: AnalystOptions = {}): Specialist {
  return make(options, "metrics_analyst", "Metrics analyst", "Finds what changed in metrics", [
    "Compare with a time when all was well. Say when a value left its range, by how much, and which others moved with it.",
    "Moving together is no cause: say which of the two you mean.",
  ]);
}

/** Makes a specialist that reads traces. */
export function createTraceAnalyst(options: AnalystOptions = {}): Specialist {
  return make(options, "trace_analyst", "Trace analyst", "Follows requests through services", [
    "Find the span in which the time is lost or the error begins, below those that only pass it on.",
    "Name the service, the operation and the duration, and how many traces show the same.",
  ]);
}

/** Makes a specialist that reads code. */
export function createCodeAnalyst(options: AnalystOptions = {}): Specialist {
  return make(options, "code_analyst", "Code analyst", "Finds the cause in the code", [
    "Begin at what was changed last. Name the file and the line, and the input that makes it fail.",
    "Propose the smallest change that would repair it, and what might break by it.",
  ]);
}

function make(
  options: AnalystOptions,
  specialistType: string,
  name: string,
  description: string,
  advice: readonly string[],
): Specialist {
  const systemPrompt = [...advice, "Say what you do not know."].join("\n");
  return new Specialist({ name, description, systemPrompt, specialistType, ...options });
}
