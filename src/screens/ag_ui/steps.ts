import type { ShownSpan } from "../screen.ts";

/** The names of the steps that are going on: no two of one agent may be equal. */
export class Steps {
  readonly #names = new Map<ShownSpan, string>();

  start(span: ShownSpan): string {
    const taken = new Set<string>();
    for (const [{ owner }, name] of this.#names) {
      if (owner === span.owner) taken.add(name);
    }
    const base = span.name || "step";
    let name = base;
    for (let n = 2; taken.has(name); n++) name = `${base} #${n}`;
    this.#names.set(span, name);
    return name;
  }

  end(span: ShownSpan): string {
    const name = this.#names.get(span)!;
    this.#names.delete(span);
    return name;
  }
}
