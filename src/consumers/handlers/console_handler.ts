import {
  flag,
  type ReadBy,
  readBy,
  type Rules,
  unchecked,
  whole,
} from "../../core/option_rules.ts";
import type { AgentEvent, ToolCompleteEvent, ToolStartEvent } from "../../events/agent_events.ts";
import { defaultRedactor } from "../../redaction/default_redactor.ts";
import { StreamedText } from "../../redaction/streamed_text.ts";
import { oneLine } from "../../view/visible.ts";
import { otherEventLines } from "./other_events.ts";
import type { StreamedEvent, StreamHandler } from "./stream_handler.ts";
import { harmless, type Terminal, terminalOf, type TextOutput } from "./terminal_output.ts";
import { isError } from "../../runtime/realm.ts";

/** Options of {@linkcode ConsoleHandler}. */
export interface ConsoleHandlerOptions {
  /** Where it prints. @default {the standard output, else the console} */
  output?: TextOutput;
  /** Print what the model thinks. @default {true} */
  showReasoning?: boolean;
  /** Print what tools are given. @default {false} */
  showToolArgs?: boolean;
  /** Print what tools return. @default {true} */
  showToolResults?: boolean;
  /** Print the time in front of each event. @default {false} */
  showTimestamps?: boolean;
  /** Print the beginning of turns and the end of the run. @default {true} */
  showProgress?: boolean;
  /** Use colours, on terminals only. @default {true} */
  useColor?: boolean;
  /** Use symbols. @default {true} */
  useEmoji?: boolean;
  /** How much of a result is printed, in characters. @default {500} */
  maxResultLength?: number;
}

/**
 * Prints what an agent does, event by event, and its text as it is written.
 *
 * Control characters are shown instead of obeyed, and secrets are taken out.
 */
export class ConsoleHandler implements StreamHandler {
  readonly #options: ReadBy<typeof RULES>;
  readonly #terminal: Terminal;
  #text = new StreamedText();
  #toolCalls = 0;
  /** The calls that are not over, by their ids: one of them may ask a person. */
  readonly #open = new Map<string, ToolStartEvent>();
  #isMidLine = false;

  /**
   * Makes the handler.
   *
   * @throws {TypeError} If an option is unknown or of the wrong type.
   * @throws {RangeError} If `maxResultLength` is not a whole number.
   */
  constructor(options: ConsoleHandlerOptions = {}) {
    this.#options = readBy(OWNER, options, RULES);
    this.#terminal = terminalOf(OWNER, this.#options.output);
  }

  /** Prints an event. */
  onEvent(event: StreamedEvent): void {
    const known = event as AgentEvent;
    if (known.event_type === "model_chunk") {
      this.#chunk(known.content, known.done);
      if (known.discarded) this.#print(`${this.#dim(DISCARDED, Infinity).join("\n")}\n`);
      return;
    }
    const lines = this.#linesOf(known);
    if (lines.length === 0) return;
    this.#endText();
    const time = this.#options.showTimestamps ? `${event.timestamp.slice(11, 19)} ` : "";
    const first = lines[0] === "" ? 1 : 0;
    lines[first] = time + (lines[first] ?? "");
    this.#print(`${lines.join("\n")}\n`);
  }

  /** Prints that the run is over. */
  onComplete(): void {
    this.#endText();
    if (!this.#options.showProgress) return;
    const calls = `${this.#toolCalls} tool call${this.#toolCalls === 1 ? "" : "s"}`;
    this.#print(`${this.#symbol("✅")}Execution complete (${calls})\n`);
  }

  /** Prints what the run failed with. */
  onError(error: unknown): void {
    this.#endText();
    const message = isError(error) ? error.message : String(error);
    this.#print(`${this.#symbol("❌")}${this.#paint("red", `Error: ${clean(message, 500)}`)}\n`);
  }

  #linesOf(event: AgentEvent): string[] {
    const { showReasoning, showToolArgs, showProgress } = this.#options;
    switch (event.event_type) {
      case "think": {
        const lines = showProgress
          ? ["", `${this.#symbol("🧠")}${this.#paint("cyan", `Iteration ${event.iteration + 1}`)}`]
          : [];
        if (showReasoning) lines.push(...this.#dim(event.reasoning ?? "", Infinity));
        const calls = event.tool_calls.length;
        if (showProgress && calls > 0) {
          lines.push(`  Planning ${calls} tool call${calls === 1 ? "" : "s"}`);
        }
        return lines;
      }
      case "tool_start": {
        if (this.#open.size < MAX_OPEN) this.#open.set(event.tool_call_id, event);
        const name = this.#paint("yellow", oneLine(event.tool_name));
        const args = showToolArgs ? ` ${this.#argsOf(event.arguments)}` : "";
        return [`${this.#symbol("🔧")}${name}${args}`];
      }
      case "tool_complete":
        this.#toolCalls++;
        this.#open.delete(event.tool_call_id);
        return this.#toolLines(event);
      case "reflect": {
        const color = event.assessment === "on_track"
          ? "green"
          : event.assessment === "new_findings"
          ? "yellow"
          : "red";
        const head = this.#paint(color, `Reflection: ${clean(event.assessment, 200)}`);
        const confidence = `(confidence: ${event.new_confidence.toFixed(2)})`;
        return [
          `${this.#symbol("🔍")}${head} ${confidence}`,
          ...this.#dim(event.guidance ?? "", Infinity),
        ];
      }
      case "grounding": {
        const color = event.score >= 0.8 ? "green" : event.score >= 0.5 ? "yellow" : "red";
        return [
          `${this.#symbol("📎")}Grounding: ${this.#paint(color, event.score.toFixed(2))} ` +
          `(${event.claims_evaluated} claims)`,
          ...event.ungrounded_claims.slice(0, 3).map((claim) =>
            `  Ungrounded: ${clean(claim, 200)}`
          ),
        ];
      }
      case "interrupt":
        return [
          `${this.#symbol("❓")}${this.#paint("yellow", clean(event.question, 500))}`,
          // What it is about, whether arguments are printed otherwise or not.
          ...Array.from(
            this.#open.values(),
            ({ tool_name: name, arguments: args }) => `  ${oneLine(name)} ${this.#argsOf(args)}`,
          ),
          ...(event.options ?? []).slice(0, 20).map((option) => `  - ${clean(option, 200)}`),
        ];
      case "terminate": {
        this.#open.clear();
        const color = event.reason === "complete"
          ? "green"
          : event.reason === "error"
          ? "red"
          : "yellow";
        return [
          "",
          `${this.#symbol("🏁")}${this.#paint(color, `Terminated: ${clean(event.reason, 200)}`)}`,
          `  Iterations: ${event.iterations_used}, tool calls: ${event.total_tool_calls}, ` +
          `confidence: ${event.final_confidence.toFixed(2)}`,
        ];
      }
      case "model_complete":
      case "model_chunk":
        return [];
      default:
        return otherEventLines(event);
    }
  }

  #toolLines({ tool_name, error, result, duration_ms }: ToolCompleteEvent): string[] {
    const name = oneLine(tool_name);
    if (error !== null) {
      return [`${this.#symbol("❌")}${this.#paint("red", `${name}: ${clean(error, 500)}`)}`];
    }
    const head = `${this.#symbol("✅")}${this.#paint("green", name)} (${
      Math.round(duration_ms)
    }ms)`;
    return this.#options.showToolResults ? [head, ...this.#dim(result ?? "", 5)] : [head];
  }

  #argsOf(args: Readonly<Record<string, unknown>>): string {
    return clean(JSON.stringify(defaultRedactor().data(args)) ?? "", 200);
  }

  #chunk(content: string | null, done: boolean): void {
    const shown = content === null ? "" : this.#text.push(content);
    if (shown !== "") this.#printText(harmless(shown));
    if (done) this.#endText();
  }

  #endText(): void {
    const rest = this.#text.end();
    if (rest !== "") this.#printText(harmless(rest));
    if (this.#isMidLine) this.#print("\n");
  }

  /** Prints what the model writes. It is indented: a line of it that looks like one of ours is none. */
  #printText(text: string): void {
    const indented = `${this.#isMidLine ? "" : "\n"}${text}`.replace(/\n(?=[^\n])/g, "\n  ");
    this.#print(this.#isMidLine ? indented : indented.slice(1));
  }

  /** The first lines of a text, indented. */
  #dim(text: string, maxLines: number): string[] {
    if (text === "") return [];
    const shown = defaultRedactor().preview(text, this.#options.maxResultLength);
    return harmless(shown).split("\n").slice(0, maxLines).map((line) =>
      `  ${this.#paint("dim", line)}`
    );
  }

  #symbol(symbol: string): string {
    return this.#options.useEmoji ? `${symbol} ` : "";
  }

  #paint(color: keyof typeof COLORS, text: string): string {
    if (!this.#options.useColor || !this.#terminal.isTerminal) return text;
    return `\x1b[${COLORS[color]}m${text}\x1b[0m`;
  }

  #print(text: string): void {
    this.#isMidLine = !text.endsWith("\n");
    this.#terminal.print(text);
  }
}

const OWNER = "ConsoleHandler";
const DISCARDED = "(broken off: the text above is void)";

const MAX_OPEN = 20;

const RULES = /* @__PURE__ */ (() => ({
  output: unchecked<TextOutput | undefined>(undefined),
  showReasoning: flag(true),
  showToolArgs: flag(false),
  showToolResults: flag(true),
  showTimestamps: flag(false),
  showProgress: flag(true),
  useColor: flag(true),
  useEmoji: flag(true),
  maxResultLength: whole(500, 0),
}))() satisfies Rules<ConsoleHandlerOptions>;

const COLORS = { red: 31, green: 32, yellow: 33, cyan: 36, dim: 2 } as const;

/** On one line, without secrets and without anything that steers a terminal. */
function clean(text: string, length: number): string {
  return oneLine(defaultRedactor().preview(text, length));
}
