/** A place in a pattern: what a character may be, any number of times or once; null begins a part of the path. */
type Step = { readonly is: (character: string) => boolean; readonly many: boolean } | null;

/**
 * A pattern for paths: `*` and `?` stay within a part, `**` crosses parts, `{a,b}` is either, `[a-z]` is one of. All that it could
 * be is followed at once, so no pattern takes longer than its length times that of the path.
 *
 * @throws {RangeError} If it is too long, or not a pattern.
 */
export function globPattern(pattern: string): (path: string) => boolean {
  if (pattern.length > MAX_LENGTH || (pattern.match(/\*+/g) ?? []).length > MAX_STARS) {
    throw new RangeError("the pattern is too long");
  }
  const either = alternatives(pattern.replace(/^\/+/, "")).map(stepsOf);
  return (path) => either.some((steps) => follow(steps, path));
}

const MAX_LENGTH = 500;
const MAX_STARS = 10;
const MAX_ALTERNATIVES = 50;

/** The patterns without braces that it stands for. */
function alternatives(pattern: string): readonly string[] {
  let all = [""];
  for (const piece of pattern.match(/\{[^{}]*\}|[^{]+|\{/g) ?? []) {
    const parts = /^\{.*\}$/.test(piece) ? piece.slice(1, -1).split(",") : [piece];
    all = all.flatMap((start) => parts.map((part) => start + part));
    if (all.length > MAX_ALTERNATIVES) throw new RangeError("the pattern is too long");
  }
  return all;
}

function stepsOf(pattern: string): readonly Step[] {
  return (pattern.match(/\*\*+\/?|\*|\?|\[[^\]]+\]|[^]/gu) ?? []).flatMap((piece): Step[] => {
    if (piece.startsWith("**")) {
      return [{ is: () => true, many: true }, ...piece.endsWith("/") ? [null] : []];
    }
    if (piece === "*" || piece === "?") return [{ is: (c) => c !== "/", many: piece === "*" }];
    if (piece.length > 2 && piece.startsWith("[")) {
      const set = oneOf(piece.slice(1, -1).replace(/^!/, "^").replace(/[\\[\]]/g, "\\$&"));
      return [{ is: (c) => set.test(c), many: false }];
    }
    return [{ is: (c) => c === piece, many: false }];
  });
}

function oneOf(characters: string): RegExp {
  try {
    return new RegExp(`^[${characters}]$`, "u");
  } catch (cause) {
    throw new RangeError("not a pattern", { cause });
  }
}

function follow(steps: readonly Step[], path: string): boolean {
  let places = reach([0], "/");
  for (const character of path) {
    const next = [...places].flatMap((at) => {
      const step = steps[at];
      return step?.is(character) ? [step.many ? at : at + 1] : [];
    });
    places = reach(next, character);
  }
  return places.has(steps.length);

  /** These places, and those that are reached without another character. */
  function reach(from: readonly number[], before: string): Set<number> {
    const places = new Set(from);
    for (const at of places) {
      const step = steps[at];
      if (step === null ? before === "/" : step?.many) places.add(at + 1);
    }
    return places;
  }
}
