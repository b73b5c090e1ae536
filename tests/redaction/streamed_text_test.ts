import { test } from "node:test";
import { assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { redactSecrets } from "../../src/redaction/secrets.ts";
import { StreamedText } from "../../src/redaction/streamed_text.ts";

/** What is shown of the pieces, each as it comes, and the rest at the end. */
function stream(pieces: readonly string[]): string[] {
  const text = new StreamedText();
  return [...pieces.map((piece) => text.push(piece)), text.end()];
}

const CORE = "Zq7Zq7Zq7Zq7Zq7Zq7Zq7Zq7Zq7";

const secrets = [
  `sk-ant-api03-${CORE}`,
  `sk-${CORE}`,
  "AKIAZQ7ZQ7ZQ7ZQ7ZQ7Z",
  `AIza${CORE}`,
  `ghp_${CORE}`,
  `github_pat_${CORE}`,
  `eyJ${CORE}.${CORE}.${CORE}`,
  `Bearer ${CORE}`,
  `postgres://ada:${CORE}@db/shop`,
  `https://ada:${CORE}@example.com/`,
  `password=${CORE}`,
  `"api_key": "${CORE} ${CORE}"`,
  `DB_TOKEN: '${CORE}'`,
  `https://x.dev/?token=${CORE}`,
  `Authorization: Basic ${CORE}`,
  `Cookie: sid=${CORE}`,
  `-----BEGIN PRIVATE KEY-----\n${CORE}\n${CORE}\n-----END PRIVATE KEY-----`,
];

test("StreamedText shows ordinary text at once", () => {
  const words = [
    "The ",
    "quick ",
    "brown ",
    "fox",
    " jumps",
    " over",
    ", 1 ",
    "2. ",
    "A",
    "B",
    "C",
  ];
  assertEquals(stream(words), [...words, ""]);
});

test("StreamedText finds secrets however they are split", () => {
  for (const secret of secrets) {
    const text = `before ${secret}\nafter`;
    for (let at = 1; at < text.length; at++) {
      const shown = stream([text.slice(0, at), text.slice(at)]).join("");
      const what = `${JSON.stringify(text)} split at ${at}: ${shown}`;
      assertEquals(/(?:Zq7){3}|(?:ZQ7){3}/.test(shown), false, what);
      assertEquals([shown.startsWith("before "), shown.endsWith("after")], [true, true], what);
    }
  }
});

test("StreamedText finds secrets that arrive in pieces of a word or less", () => {
  fc.assert(fc.property(
    fc.array(fc.oneof(fc.constantFrom(...secrets), fc.constantFrom("word", "ask", "A", "x=1")), {
      minLength: 1,
      maxLength: 6,
    }),
    fc.array(fc.integer({ min: 3, max: 12 }), { minLength: 1, maxLength: 8 }),
    (parts, sizes) => {
      const text = parts.join("\n");
      const pieces: string[] = [];
      for (let at = 0, i = 0; at < text.length; i++) {
        const size = sizes[i % sizes.length]!;
        pieces.push(text.slice(at, at += size));
      }
      const shown = stream(pieces).join("");
      assertEquals(
        /(?:Zq7){3}|(?:ZQ7){3}/.test(shown),
        false,
        `${JSON.stringify(pieces)}: ${shown}`,
      );
    },
  ));
});

test("StreamedText loses nothing of a text without secrets", () => {
  const letters = "asktoenpwrdgihEJA-_/ .,:=\n".split("").filter((c) => c !== "=" && c !== ":");
  fc.assert(fc.property(
    fc.array(fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 5 })),
    (pieces) => {
      const text = pieces.join("");
      if (redactSecrets(text) !== text) return;
      assertEquals(stream(pieces).join(""), text);
    },
  ));
});

test("StreamedText holds no more than a few thousand characters", () => {
  const text = new StreamedText();
  let shown = text.push("sk-");
  for (let i = 0; i < 2000; i++) shown += text.push("a".repeat(100));
  shown += text.push("last4 ") + text.end();
  assertEquals(shown, "sk-aaa...ast4 ");
  const key = stream([
    "-----BEGIN PRIVATE KEY-----",
    "x\n".repeat(50_000),
    "-----END PRIVATE KEY-----.",
  ]);
  assertEquals(key.join(""), "[REDACTED].");
});

test("StreamedText takes time in proportion to the text", () => {
  for (const unit of ["a://", "?a=", "sk-a ", "password ", 'token="', "-----BEGIN "]) {
    const startedAt = performance.now();
    const text = new StreamedText();
    for (let i = 0; i < 2000; i++) text.push(unit.repeat(10));
    text.end();
    assertLess(performance.now() - startedAt, 10_000, unit);
  }
});
