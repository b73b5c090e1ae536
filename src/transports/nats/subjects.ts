import { isRunId } from "../../events/identifiers.ts";
import { KEPT_TYPES, type KeptName } from "../remote/kept_events.ts";

/** The subjects that begin with a prefix. Of run ids, only a `.` means something to NATS; none has a `%`. */
export class Subjects {
  readonly #prefix: string;
  /** Where something is stored that has nothing to do with any run. */
  readonly mark: string;
  readonly allRuns: string;
  /** All runs, as they are told of. */
  readonly allLive: string;
  readonly allKept: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.mark = `${prefix}.mark`;
    this.allRuns = `${prefix}.run.*`;
    this.allLive = `${prefix}.live.*.m`;
    this.allKept = `${prefix}.kept.*.*`;
  }

  run(runId: string): string {
    return `${this.#prefix}.run.${tokenOf(runId)}`;
  }

  /** Where it is kept how a run began or ended; both, if neither is named. */
  kept(runId: string, name: KeptName | "*"): string {
    return `${this.#prefix}.kept.${tokenOf(runId)}.${name}`;
  }

  /** Which of both a subject is about; null if it is about neither. */
  keptNameOf(subject: string): KeptName | null {
    const name = subject.slice(subject.lastIndexOf(".") + 1);
    return Object.hasOwn(KEPT_TYPES, name) ? name as KeptName : null;
  }

  /** Where the server repeats what it stored of all runs: a rule of its own. */
  get republished(): string {
    return `${this.#prefix}.live.{{wildcard(1)}}.m`;
  }

  watched(runId: string): string {
    return `${this.#prefix}.live.${tokenOf(runId)}.*`;
  }

  /** Where what happened to a run is told. */
  live(runId: string): string {
    return `${this.#prefix}.live.${tokenOf(runId)}.m`;
  }

  /** Where a process asks whether a run is watched; processes that watch all runs don't listen there. */
  ask(runId: string): string {
    return `${this.#prefix}.live.${tokenOf(runId)}.ask`;
  }

  /** Where the server sends messages that a process asked for. */
  reading(name: string): string {
    return `${this.#prefix}.read.${name}`;
  }

  /** The run that a subject is about; null if it is about none. */
  runIdOf(subject: string): string | null {
    const runId = subject.slice(this.#prefix.length + 1).split(".")[1]?.replaceAll("%", ".");
    return isRunId(runId) ? runId : null;
  }
}

function tokenOf(runId: string): string {
  return runId.replaceAll(".", "%");
}
