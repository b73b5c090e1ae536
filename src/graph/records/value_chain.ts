import { deepFreeze } from "../../core/json.ts";
import type { Definition, Values } from "../definition.ts";
import { applyChanges, changesOf } from "./changes.ts";
import type { GraphRecord } from "./record.ts";
import type { ThreadLog } from "./thread_log.ts";

/** A record that later ones may be on top of. */
interface Mark {
  readonly seq: number;
  readonly values: Values;
}

const NOTHING: Mark = { seq: 0, values: {} };

/** Every so many records one holds all changes of so many, and so on: a load reads fewer than that a level. */
const FAN = 64;

/** The values along the records of one graph. */
export class ValueChain {
  #seq = 0;
  #depth = 0;
  // By level: the newest record that closes it.
  #marks: Mark[] = [];

  /** The number of the newest record; 0 if there is none. */
  get seq(): number {
    return this.#seq;
  }

  /** Reads the values at a record, and goes on from there. */
  async load(log: ThreadLog, record: GraphRecord): Promise<Values> {
    const chain = [record];
    while (chain[0]!.base > 0) chain.unshift(await log.read(chain[0]!.base));
    this.#marks = [];
    let { values } = NOTHING;
    for (const { d, depth, seq } of chain) {
      values = deepFreeze(applyChanges(values, d));
      this.#mark(seq, depth, values);
    }
    return values;
  }

  /** What the next record says of the values. */
  next({ channels }: Definition, values: Values) {
    const depth = this.#depth + 1;
    const base = this.#marks[levelOf(depth)] ?? NOTHING;
    const d = changesOf(channels, base.values, values);
    return { parent: this.#seq, depth, base: base.seq, d };
  }

  /** The next record was made. */
  made({ seq, depth }: GraphRecord, values: Values): void {
    this.#mark(seq, depth, values);
  }

  #mark(seq: number, depth: number, values: Values): void {
    [this.#seq, this.#depth] = [seq, depth];
    for (let level = levelOf(depth); level >= 0; level--) this.#marks[level] = { seq, values };
  }
}

/** How many levels of changes a record closes. */
function levelOf(depth: number): number {
  let level = 0;
  for (let rest = depth; rest % FAN === 0; rest /= FAN) level++;
  return level;
}
