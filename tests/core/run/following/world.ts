/** What happens while a value is consumed, in order, and the gates that the work behind it waits at. */

/** A step of the work behind a value. */
export type Step =
  | { readonly do: "mark" | "await" | "throw" }
  | { readonly do: "gate"; readonly gate: number }
  | { readonly do: "yield"; readonly value: number };

/** How the work behind a value goes. */
export interface Script {
  readonly steps: readonly Step[];
  /** Runs when the work is left or over. */
  readonly cleanup: readonly Step[];
}

export const GATES = 3;

/** One run of a program: with or without anybody who follows it. */
export class World {
  readonly log: string[] = [];
  /** Called for each step of the work, to look where it runs. */
  readonly #look: () => void;
  #works = 0;
  readonly #gates = Array.from({ length: GATES }, () => Promise.withResolvers<void>());

  /** Whether its iterators cannot be left by a call. */
  readonly lacksReturn: boolean;

  constructor(look: () => void, lacksReturn: boolean) {
    this.lacksReturn = lacksReturn;
    this.#look = look;
  }

  note(text: string): void {
    this.log.push(text);
  }

  /** A piece of work begins: what marks its steps. */
  begin(): (text: string) => void {
    const id = `work ${++this.#works}`;
    return (text) => {
      this.note(`${id}: ${text}`);
      this.#look();
    };
  }

  open(gate: number): void {
    this.#gates[gate]!.resolve();
  }

  gate(gate: number): Promise<void> {
    return this.#gates[gate]!.promise;
  }
}

type Mark = (text: string) => void;

/** The steps of a script, as an asynchronous generator takes them. */
export async function* perform(
  world: World,
  { steps, cleanup }: Script,
): AsyncGenerator<number, string, string> {
  const mark = world.begin();
  // No generator inside of it: that would keep the context, which some runtimes lose between two steps.
  try {
    for (const step of steps) {
      await take(world, mark, step);
      if (step.do === "yield") mark(`got ${yield step.value}`);
    }
    return "the end";
  } finally {
    mark("cleanup");
    for (const step of cleanup) {
      await take(world, mark, step);
      if (step.do === "yield") mark(`got ${yield step.value}`);
    }
  }
}

/** The same without waiting. */
export function* performAtOnce(
  world: World,
  { steps, cleanup }: Script,
): Generator<number, string, string> {
  const mark = world.begin();
  try {
    for (const step of steps) {
      void take(world, mark, step);
      if (step.do === "yield") mark(`got ${yield step.value}`);
    }
    return "the end";
  } finally {
    mark("cleanup");
    for (const step of cleanup) {
      void take(world, mark, step);
      if (step.do === "yield") mark(`got ${yield step.value}`);
    }
  }
}

/** The same as one asynchronous piece of work; a yield is only noted. */
export async function performAll(world: World, { steps }: Script): Promise<string> {
  const mark = world.begin();
  for (const step of steps) await take(world, mark, step);
  mark("over");
  return "the answer";
}

/** Takes a step, as far as it needs no generator. */
function take(world: World, mark: Mark, step: Step): Promise<void> | undefined {
  mark(step.do);
  if (step.do === "throw") throw new Error("thrown by the work");
  if (step.do === "gate") return world.gate(step.gate);
  if (step.do === "await") return Promise.resolve();
}
