/**
 * Finds a regular expression that a model wrote in lines. It takes no backtracking to speak of: no repeated group, no reference
 * back, at most two open repetitions, and of a long line only the start is looked at; a plain text is found anywhere.
 *
 * @throws {RangeError} If it is not such an expression.
 */
export function linePattern(pattern: string): (line: string) => boolean {
  if (!/[\\^$.*+?()[\]{}|]/.test(pattern)) return (line) => line.includes(pattern);
  // What is quoted or in brackets repeats nothing.
  const bare = pattern.replace(/\\[^1-9k]|\[(?:\\.|[^\]])*\]/g, "x");
  const isOpen = (bare.match(/[*+]|\{\d*,\}/g) ?? []).length > MAX_OPEN;
  if (pattern.length > MAX_LENGTH || isOpen || /\)[*+{]|\\[1-9k]/.test(bare)) {
    throw new RangeError("the pattern repeats too much");
  }
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, "u");
  } catch (cause) {
    throw new RangeError("not a regular expression", { cause });
  }
  return (line) => expression.test(line.slice(0, MAX_LINE));
}

const MAX_OPEN = 2;
const MAX_LENGTH = 500;
const MAX_LINE = 1000;
