/**
 * What a bridge tells the tests of all bridges, and what a run of any framework looks like.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import type { BridgeOptions } from "../../src/bridges/write_your_own.ts";
import type { Told } from "./_contract.ts";

/** A program that uses the framework: what it shows a caller is what it returns. */
export interface Scenario<Host> {
  readonly run: (host: Host) => Promise<unknown>;
  /** The tree of spans; null if it says too much of the framework. */
  readonly outline: unknown;
  /** How its agents ended, in order. */
  readonly ends?: readonly string[];
  /** How its run ended. */
  readonly outcome?: string;
  /** Where not all ways to run it do the same: those that do. */
  readonly ways?: readonly string[];
  /** Whether branches run at once whose parts the host shows in any order. */
  readonly isUnordered?: true;
  /** Checks the rest. */
  readonly check?: (told: Told) => void;
}

export type Expected =
  & Required<Pick<Scenario<never>, "ends" | "outcome">>
  & Pick<Scenario<never>, "check">;

/** What every framework can do, and how it is told wherever it happens. */
export const USUAL = {
  "two tools at once, one of them an agent": {
    ends: ["complete", "complete"],
    outcome: "ok",
    check({ of }) {
      assertEquals(of("agent.terminate").at(-1)!.final_message_preview, "It is fine today.");
      const { span_id, arg_keys } = of("agent.tool.started")[0]!;
      assertEquals({ span_id, arg_keys }, { span_id: "c1", arg_keys: ["city"] });
      const { prompt_tokens, cached_input_tokens } = of("agent.tokens.used")[0]!;
      assertEquals({ prompt_tokens, cached_input_tokens }, {
        prompt_tokens: 5,
        cached_input_tokens: 2,
      });
    },
  },
  "two agents at once with equal call ids": {
    ends: ["complete", "complete", "complete"],
    outcome: "ok",
  },
  "a tool that throws": {
    ends: ["complete"],
    outcome: "ok",
    check({ of }) {
      const { success, error } = of("agent.tool.completed")[0]!;
      assertEquals(success, false);
      assertMatch(String(error), /tool broke|redacted/);
    },
  },
  "a model that fails in the second turn": {
    ends: ["error"],
    outcome: "error",
    check: ({ of }) => assertEquals(of("agent.terminate")[0]!.error_kind, "model"),
  },
  "a limit of turns": {
    ends: ["max_iterations"],
    outcome: "error",
    check: ({ of }) => assertEquals(of("agent.terminate")[0]!.error_kind, "limit"),
  },
  "an abort in the text": { ends: ["cancelled"], outcome: "cancelled" },
  "an abort in a tool": { ends: ["cancelled"], outcome: "cancelled" },
  "a reader who leaves half-way": { ends: ["cancelled"], outcome: "cancelled" },
} satisfies Record<string, Expected>;

/** A bridge, as a table. */
export interface Bridge<Host> {
  readonly name: string;
  /** The attribute `source` of its spans. */
  readonly source: string;
  /** The last of these ways, with the bridge registered twice. */
  readonly twice: (options: BridgeOptions) => Host;
  /** Where the framework calls hooks: what has them, and how it is handed to the framework. */
  readonly hooks?: {
    readonly make: (options: BridgeOptions) => object;
    readonly host: (hooks: object) => Host;
  };
  /** The ways to run the framework: with the bridge, or without it where there are no options. Most say the last. */
  readonly ways: Readonly<Record<string, (options?: BridgeOptions) => Host>>;
  /** A reason in place of a program says why the framework has none. */
  readonly scenarios:
    & Readonly<Record<keyof typeof USUAL, Scenario<Host> | string>>
    & Readonly<Record<string, Scenario<Host> | string>>;
  /** Asks an agent `input`, which calls the tool `weather` for that city, then streams `words`. */
  readonly asked: (host: Host, asked: {
    input: string;
    words: string;
    /** Called by the tool. */
    onTool?: () => void;
  }) => Promise<unknown>;
  /** Asks an agent whose tool a person has to approve; what comes back approves it. A text says why there is none. */
  readonly waiting: ((host: Host) => Promise<(host: Host) => Promise<unknown>>) | string;
  /** The agents' outline in a run that waited and went on. */
  readonly waited?: unknown;
  /** Whether the framework says nothing of text that streams, but only of whole answers. */
  readonly hidesText?: true;
  /** Whether it says that a model has answered after the tools have begun that the model asked for. */
  readonly endsLate?: true;
  /** Whether the framework says what was asked only after the run of a call has begun. */
  readonly hidesInput?: true;
  /** What is published where content is, by {@linkcode Bridge.asked}. */
  readonly content: readonly string[];
}
