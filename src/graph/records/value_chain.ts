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
  // The newest record that is on top of nothing, and those behind it by level: the newest that closes it.
  #first = NOTHING;
  #marks: Mark[] = [];
  #length = 0;

  /** The number of the newest record; 0 if there is none. */
  get seq(): number {
    return this.#seq;
  }

  /** The oldest record that the newest one needs. */
  get low(): number {
    return this.#first.seq;
  }

  /** Whether so many records are on top of one that a new beginning would not cost much. */
  get isLong(): boolean {
    return this.#length >= FAN;
  }

  /** Reads the values at a record, and goes on from there. */
  async load(log: ThreadLog, record: GraphRecord): Promise<Values> {
    const chain = [record];
    while (chain[0]!.base > 0) chain.unshift(await log.read(chain[0]!.base));
    let { values } = NOTHING;
    for (const record of chain) {
      values = deepFreeze(applyChanges(values, record.d));
      this.made(record, values);
    }
    this.#length = record.depth - chain[0]!.depth;
    return values;
  }

  /** What the next record says of the values. @param isWhole Whether it needs no earlier one. */
  next({ channels }: Definition, values: Values, isWhole: boolean) {
    const depth = this.#depth + 1;
    const base = isWhole ? NOTHING : this.#marks[levelOf(depth)] ?? this.#first;
    const d = changesOf(channels, base.values, values);
    return { parent: this.#seq, depth, base: base.seq, d };
  }

  /** The next record was made. */
  made({ seq, depth, base }: GraphRecord, values: Values): void {
    [this.#seq, this.#depth] = [seq, depth];
    this.#length++;
    const mark = { seq, values };
    if (base === 0) [this.#first, this.#marks, this.#length] = [mark, [], 0];
    else for (let level = levelOf(depth); level >= 0; level--) this.#marks[level] = mark;
  }
}

/** How many levels of changes a record closes. */
function levelOf(depth: number): number {
  let level = 0;
  for (let rest = depth; rest % FAN === 0; rest /= FAN) level++;
  return level;
}
