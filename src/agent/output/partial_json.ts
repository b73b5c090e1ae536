/** JSON that is still being written. */

/**
 * What the beginning of a JSON text already says for sure: all of it up to the last value that is
 * complete, with what is open closed. A string, number or word at the end may still grow, so it is left
 * out. What comes before the first object or array is skipped.
 *
 * @returns Undefined if there is nothing yet, or it is no JSON. Never throws.
 */
export function parsePartialJson(text: string): unknown {
  const start = text.search(/[{[]/);
  if (start === -1) return undefined;
  try {
    return JSON.parse(close(text, start));
  } catch {
    return undefined;
  }
}

function close(text: string, start: number): string {
  // The brackets that would close what is open, innermost last.
  const open: string[] = [];
  let isKey = false;
  let end = start;
  let tail = "";
  const keep = (index: number) => {
    end = index;
    tail = open.toReversed().join("");
  };
  for (let i = start; i < text.length; i++) {
    switch (text[i]) {
      case "{":
      case "[":
        isKey = text[i] === "{";
        open.push(isKey ? "}" : "]");
        keep(i + 1);
        break;
      case "}":
      case "]":
        open.pop();
        isKey = false;
        keep(i + 1);
        if (open.length === 0) return text.slice(start, end);
        break;
      case ",":
        // Whatever was before it is complete now.
        keep(i);
        isKey = open.at(-1) === "}";
        break;
      case ":":
        isKey = false;
        break;
      case '"': {
        const closing = endOfString(text, i);
        if (closing === null) return text.slice(start, end) + tail;
        i = closing;
        if (!isKey) keep(i + 1);
      }
    }
  }
  return text.slice(start, end) + tail;
}

/** Where the string that begins at `start` ends; null if it is not complete. */
function endOfString(text: string, start: number): number | null {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === '"') return i;
  }
  return null;
}
