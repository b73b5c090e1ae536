/** JSON in what a model wrote: by itself, in a code fence, or amid other words. */

/**
 * Every value that `text` holds as JSON, the likeliest first: the whole text and nothing else, or code
 * fences marked as JSON, other fences, then objects and arrays amid the words. Never throws.
 */
export function* extractJson(text: string): Generator<unknown, void> {
  const whole = parse(text);
  if (whole !== null) return yield whole.value;
  const fences = Array.from(text.matchAll(/```([^\n`]*)\n([\s\S]*?)```/g), ([, label, code]) => ({
    isJson: /^\s*json/i.test(label ?? ""),
    code: code ?? "",
  }));
  for (const { code } of fences.filter(({ isJson }) => isJson)) yield* parsed(code);
  for (const { code } of fences.filter(({ isJson }) => !isJson)) yield* parsed(code);
  yield* amidWords(text);
}

/** How many brackets are tried at most: each may be looked at up to the end of the text. */
const MAX_ATTEMPTS = 64;

function* amidWords(text: string): Generator<unknown, void> {
  const opening = /[{[]/g;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const match = opening.exec(text);
    if (match === null) return;
    const end = findEnd(text, match.index);
    if (end === null) continue;
    const found = parse(text.slice(match.index, end));
    if (found === null) continue;
    yield found.value;
    opening.lastIndex = end;
  }
}

/** Behind the bracket that closes the one at `start`; null if none does. */
function findEnd(text: string, start: number): number | null {
  let depth = 0;
  let inString = false;
  for (let i = start; i < text.length; i++) {
    const char = text[i]!;
    if (inString) {
      if (char === "\\") i++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{" || char === "[") depth++;
    else if ((char === "}" || char === "]") && --depth === 0) return i + 1;
  }
  return null;
}

function* parsed(text: string): Generator<unknown, void> {
  const found = parse(text);
  if (found !== null) yield found.value;
}

function parse(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}
