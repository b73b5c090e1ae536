import { test } from "node:test";
import { assertEquals } from "@std/assert";
import fc from "../harness/support/property.ts";
import { redactSecrets } from "../../src/redaction/secrets.ts";
import { StreamedText } from "../../src/redaction/streamed_text.ts";
import {
  INSIDE_FORMATS,
  SECRET_PATHS,
  VENDOR_FORMATS,
} from "../../src/redaction/vendor_formats.ts";
import { check } from "../core/properties/settings.ts";
import { REDACTED_TEXTS } from "./redacted_texts.ts";

/** What is shown of the pieces, each as it comes, and the rest at the end. */
function stream(pieces: readonly string[]): string[] {
  const text = new StreamedText();
  return [...pieces.map((piece) => text.push(piece)), text.end()];
}

/**
 * Fails unless the pieces are shown as the whole text is, but for the beginning of a secret of which nothing is
 * shown: it may have been shown before it was known to begin one.
 */
function assertAsWhole(pieces: readonly string[]): void {
  const shown = stream(pieces).join("");
  const expected = redactSecrets(pieces.join(""));
  if (shown === expected) return;
  const parts = expected.split("[REDACTED]");
  let rest = shown;
  const isSame = parts.every((part, i) => {
    const start = i === 0 ? "" : /^(?:[A-Z]:\\{0,4}\w{0,2}|.{0,3})\[REDACTED\]/s.exec(rest)?.[0];
    if (start === undefined || !rest.slice(start.length).startsWith(part)) return false;
    rest = rest.slice(start.length + part.length);
    return true;
  });
  assertEquals(isSame && rest === "", true, `${JSON.stringify(pieces)}: ${shown} for ${expected}`);
}

const CORE = "Zq7Zq7Zq7Zq7Zq7Zq7Zq7Zq7Zq7";

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

test("E: StreamedText finds every secret however it is split in two", () => {
  for (const [text] of REDACTED_TEXTS) {
    const whole = `before ${text}\nafter`;
    for (let at = 1; at < whole.length; at++) assertAsWhole([whole.slice(0, at), whole.slice(at)]);
  }
});

test("E: StreamedText finds every vendor's secret in pieces of any size", () => {
  for (const [, prefixes] of [...VENDOR_FORMATS, ...SECRET_PATHS, ...INSIDE_FORMATS]) {
    for (const prefix of prefixes.split(" ")) {
      const text =
        `Zq71${prefix}${CORE}.${CORE}.${CORE}${CORE} see "${prefix}${CORE}${CORE}" there`;
      for (const size of [1, 2, 3, 5, 8]) {
        assertAsWhole(text.match(new RegExp(`[^]{1,${size}}`, "g"))!);
      }
    }
  }
});

test("StreamedText finds a secret that only its end tells, in one piece; in several, its beginning was shown", () => {
  const key = `${"0123456789abcdef".repeat(2)}-us12`;
  assertEquals(stream([`key ${key} there`]).join(""), "key 012345...us12 there");
  assertEquals(stream(["key ", key.slice(0, 20), key.slice(20), " there"]), [
    "key ",
    key.slice(0, 20),
    "",
    "...us12 there",
    "",
  ]);
});

const FRAGMENTS = [
  ...["password", "token", "tokens", "api_key", "apiKey", "Authorization", "cookie", "Set-Cookie"],
  ...[
    "secret",
    "key",
    "value",
    "name",
    "host",
    "pass",
    "data",
    "max_tokens",
    "DB_PASSWORD",
    "string",
  ],
  ...["=", ":", ": ", " = ", ":=", " => ", "==", ", ", ",", '"', "'", "`", '\\"', '\\\\\\"', "\\n"],
  ...[
    "\n",
    "\r\n",
    " ",
    "\t",
    "&",
    "?",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    "<",
    ">",
    "</",
    "|\n ",
    "--",
  ],
  ...[
    "-u ",
    "curl ",
    "://",
    "https://",
    "postgres",
    "redis",
    "jdbc:",
    "@",
    "/",
    "/home/",
    "/Users/",
  ],
  ...["-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "-----", "BEGIN PGP "],
  ...["sk-", "sk-proj-", "ant-", "ghp_", "AKIA", "eyJ", "ya29.", "xoxb-", "hf_", "SG.", "Q~", "AA"],
  ...["hooks.slack.com/services/", "Bearer ", "bearer", "Basic ", "Token ", "42", "7", "hunter2"],
  ...[CORE, "Zq7", ".", "..", "_", "-", "abc", "true", "null", "${X}", "[REDACTED]", "ocid1."],
  ...[
    "mysql ",
    " -p",
    " -P",
    "sshpass",
    "login ",
    "redis-cli ",
    " -a ",
    "identified ",
    "by ",
    "with ",
  ],
  ...[
    "IDENTIFIED BY ",
    "alter user ",
    "password ",
    "PASSWORD ",
    " for ",
    "set ",
    "ENV ",
    "a.token ",
  ],
  ...[
    "setPassword(",
    "login(",
    "auth=(",
    "Some(",
    "new Secret(",
    "&pw ",
    "!!str ",
    "Pwd={",
    "values",
  ],
  ...["enabled", "Cookie: ", "a b", "MTI", "MTIz", "x.GabCdE.", "fw_", "re_", "(", "%", "hunter"],
  ...["123456789:AA", "provided", "%20", "%3D", "%22", "%26", "&quot;", "é", "—", "😀"],
];

test("E: StreamedText comes to the same as the whole text, whatever that is and however it is split", async () => {
  await check(
    fc.property(
      fc.array(fc.constantFrom(...FRAGMENTS), { minLength: 1, maxLength: 14 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
      (parts, sizes) => {
        const text = parts.join("");
        const pieces: string[] = [];
        for (let at = 0, i = 0; at < text.length; i++) {
          pieces.push(text.slice(at, at += sizes[i % sizes.length]!));
        }
        assertAsWhole(pieces);
      },
    ),
    3000,
  );
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
