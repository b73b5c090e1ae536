import { checkOptions } from "../../core/options.ts";
import type { AgentEvent } from "../../events/agent_events.ts";
import { defaultRedactor } from "../../redaction/default_redactor.ts";
import { oneLine } from "../../view/visible.ts";
import type { StreamedEvent, StreamHandler } from "./stream_handler.ts";
import { type Terminal, terminalOf, type TextOutput } from "./terminal_output.ts";
import { isError } from "../../runtime/realm.ts";

/** Options of {@linkcode MinimalConsoleHandler}. */
export interface MinimalConsoleHandlerOptions {
  /** Where it prints. @default {the standard output, else the console} */
  output?: TextOutput;
}

/** Prints a line for each tool, and one at the end. */
export class MinimalConsoleHandler implements StreamHandler {
  readonly #terminal: Terminal;

  /**
   * Makes the handler.
   *
   * @throws {TypeError} If an option is unknown or of the wrong type.
   */
  constructor(options: MinimalConsoleHandlerOptions = {}) {
    checkOptions("MinimalConsoleHandler", options, ["output"]);
    this.#terminal = terminalOf("MinimalConsoleHandler", options.output);
  }

  /** Prints tools, what they failed with, and the end. */
  onEvent(event: StreamedEvent): void {
    const known = event as AgentEvent;
    switch (known.event_type) {
      case "tool_start":
        return this.#print(`• ${oneLine(known.tool_name)}`);
      case "tool_complete":
        if (known.error !== null) this.#print(`  ${clean(known.error)}`);
        return;
      case "interrupt":
        return this.#print(`? ${clean(known.question)}`);
      case "terminate": {
        const n = known.iterations_used;
        return this.#print(`Completed in ${n} iteration${n === 1 ? "" : "s"}`);
      }
    }
  }

  /** Prints nothing: the run has said it. */
  onComplete(): void {}

  /** Prints what the run failed with. */
  onError(error: unknown): void {
    this.#print(`Error: ${clean(isError(error) ? error.message : String(error))}`);
  }

  #print(line: string): void {
    this.#terminal.print(`${line}\n`);
  }
}

function clean(text: string): string {
  return oneLine(defaultRedactor().preview(text, 500));
}
