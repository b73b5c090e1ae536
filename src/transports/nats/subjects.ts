import { isRunId } from "../../events/identifiers.ts";

/** The subjects that begin with a prefix. Of run ids, only a `.` means something to NATS; none has a `%`. */
export class Subjects {
  readonly #prefix: string;
  /** Where something is stored that has nothing to do with any run. */
  readonly mark: string;
  /** All runs, as they are stored. */
  readonly allRuns: string;
  /** All runs, as they are told of. */
  readonly allLive: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
    this.mark = `${prefix}.mark`;
    this.allRuns = `${prefix}.run.*`;
    this.allLive = `${prefix}.live.*.m`;
  }

  /** Where a run is stored. */
  run(runId: string): string {
    return `${this.#prefix}.run.${tokenOf(runId)}`;
  }

  /** Where the server repeats what it stored of all runs: a rule of its own. */
  get republished(): string {
    return `${this.#prefix}.live.{{wildcard(1)}}.m`;
  }

  /** What whoever watches a run listens to. */
  watched(runId: string): string {
    return `${this.#prefix}.live.${tokenOf(runId)}.*`;
  }

  /** Where what happened to a run is told. */
  live(runId: string): string {
    return `${this.#prefix}.live.${tokenOf(runId)}.m`;
  }

  /** Where it is asked whether somebody watches a run; who watches all runs does not listen to that. */
  ask(runId: string): string {
    return `${this.#prefix}.live.${tokenOf(runId)}.ask`;
  }

  /** Where somebody is sent what they asked for. */
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
