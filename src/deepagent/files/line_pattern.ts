/**
 * Finds a regular expression that a model wrote in lines. It takes no backtracking to speak of: no repeated group, no reference
 * back, few choices, at most two open repetitions, and of a long line only the start is looked at; a plain text is found
 * anywhere.
 *
 * @throws {RangeError} If it is not such an expression.
 */
export function linePattern(pattern: string): (line: string) => boolean {
  if (!/[\\^$.*+?()[\]{}|]/.test(pattern)) return (line) => line.includes(pattern);
  // What is quoted or in brackets repeats nothing, and what begins a group is no choice.
  const bare = pattern.replace(/\\[^1-9k]|\[(?:\\.|[^\]])*\]/g, "x").replace(/\(\?/g, "(");
  const count = (what: RegExp) => (bare.match(what) ?? []).length;
  const open = count(/[*+]|\{\d*,\}/g);
  const choices = count(/[?|]|\{\d+(?:,\d+)?\}/g);
  const isLong = pattern.length > MAX_LENGTH || open > MAX_OPEN || choices > MAX_CHOICES;
  if (isLong || /\)[*+{]|\{\d*,?\d{3,}|\\[1-9k]/.test(bare)) {
    throw new RangeError("the pattern repeats too much");
  }
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, "u");
  } catch (cause) {
    throw new RangeError("not a regular expression", { cause });
  }
  const most = open < MAX_OPEN ? MAX_LINE : MAX_LINE / 4;
  return (line) => expression.test(line.slice(0, most));
}

const MAX_OPEN = 2;
const MAX_CHOICES = 6;
const MAX_LENGTH = 500;
const MAX_LINE = 1000;
