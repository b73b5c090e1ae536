export interface Progress {
  readonly epoch: number;
  /** The number of what it stored last in this epoch; -1 if that was nothing, as after a claim. */
  readonly seq: number;
}

/** How many producers of one run are remembered: those that stored or claimed last. */
export const MAX_PRODUCERS = 40;

/** What keeps something from being stored, by what is known of its producer; null if nothing does. */
export function refusalOf(
  known: Progress | undefined,
  { epoch, seq }: Progress,
): "fenced" | "duplicate" | null {
  if (known === undefined || epoch > known.epoch) return null;
  return epoch < known.epoch ? "fenced" : seq <= known.seq ? "duplicate" : null;
}

/** The last producers of one run, and how far each has come; the one that stored or claimed last at the end. */
export class Producers extends Map<string, Progress> {
  override set(id: string, progress: Progress): this {
    this.delete(id);
    if (this.size >= MAX_PRODUCERS) this.delete(this.keys().next().value!);
    return super.set(id, progress);
  }

  claim(id: string): number {
    const epoch = (this.get(id)?.epoch ?? 0) + 1;
    this.set(id, { epoch, seq: -1 });
    return epoch;
  }
}
