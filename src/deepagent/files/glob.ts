/**
 * A pattern for paths: `*` and `?` stay within a part, `**` crosses parts, `{a,b}` is either, `[a-z]` is one of.
 *
 * @throws {RangeError} If it is too long, or not a pattern.
 */
export function globPattern(pattern: string): RegExp {
  if (pattern.length > MAX_LENGTH) throw new RangeError("the pattern is too long");
  const source = pattern.replace(/^\/+/, "").replace(
    /\*\*\/?|\*|\?|\{[^{}]*\}|\[[^\]]+\]|[^*?{[]+|./g,
    (piece) => {
      if (piece.startsWith("**")) return piece.endsWith("/") ? "(?:.*/)?" : ".*";
      if (piece === "*") return "[^/]*";
      if (piece === "?") return "[^/]";
      if (piece.startsWith("{") && piece.endsWith("}")) {
        return `(?:${piece.slice(1, -1).split(",").map(escape).join("|")})`;
      }
      if (piece.startsWith("[") && piece.endsWith("]")) {
        return `[${piece.slice(1, -1).replace(/^!/, "^").replace(/[\\[\]]/g, "\\$&")}]`;
      }
      return escape(piece);
    },
  );
  try {
    return new RegExp(`^${source}$`, "u");
  } catch (cause) {
    throw new RangeError("not a pattern", { cause });
  }
}

const MAX_LENGTH = 500;

function escape(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
