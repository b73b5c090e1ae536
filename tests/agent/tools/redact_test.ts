import { test } from "node:test";
import { assertEquals, assertLess } from "@std/assert";
import { redactSecrets } from "../../../src/agent/tools/redact.ts";

const CASES: readonly (readonly [text: string, redacted: string])[] = [
  ["cannot reach postgres://ada:pw@db.internal:5432/shop", "cannot reach [REDACTED]"],
  ["jdbc:oracle:thin:@//db:1521/x failed", "[REDACTED] failed"],
  ["mongodb+srv://u:p@c.example.net/?w=1", "[REDACTED]"],
  ["GET https://ada:secret@example.com/x", "GET https://[REDACTED]@example.com/x"],
  ["https://x.dev/a?token=abc&page=2", "https://x.dev/a?token=[REDACTED]&page=2"],
  ["https://x.dev/a?page=2&api_key=abc#top", "https://x.dev/a?page=2&api_key=[REDACTED]#top"],
  ["password=hunter2, retry", "password=[REDACTED], retry"],
  ['{"api_key": "abc def", "n": 1}', '{"api_key": [REDACTED], "n": 1}'],
  ["MY_SERVICE_TOKEN=abc", "MY_SERVICE_TOKEN=[REDACTED]"],
  ["db_password: hunter2", "db_password: [REDACTED]"],
  ["host=db.internal user=ada", "host=[REDACTED] user=ada"],
  ["key sk-ant-api03-abcdefghijkl is wrong", "key sk-ant...ijkl is wrong"],
  ["sk-proj-abcdefghijklmnop", "sk-pro...mnop"],
  ["sk-12345678", "[REDACTED]"],
  ["AKIAIOSFODNN7EXAMPLE", "AKIAIO...MPLE"],
  [`AIza${"x".repeat(35)}`, "AIzaxx...xxxx"],
  ["ghp_abcdefghijklmnopqrst", "ghp_ab...qrst"],
  ["github_pat_abcdefghijklmnop", "github...mnop"],
  ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdef", "eyJhbG...cdef"],
  ["Authorization: Bearer abcdefghijklmnopqrst", "Authorization: Bearer abcdef...qrst"],
  ["Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [REDACTED]"],
  ["no file /home/ada/notes.txt", "no file [REDACTED]/notes.txt"],
  ["C:\\Users\\ada\\notes.txt", "[REDACTED]\\notes.txt"],
  ["ocid1.tenancy.oc1..aaaaaaaa not found", "[REDACTED] not found"],
];

const HARMLESS = [
  "unknown host: example.com",
  "Unexpected token } in JSON at position 3",
  "404 Not Found: https://example.com/a?page=2",
  "The bearer token is invalid",
  "disk-full",
  "skip sk-1",
  "expected a host, got 5",
];

test("redactSecrets() removes what looks like a secret", () => {
  for (const [text, redacted] of CASES) assertEquals(redactSecrets(text), redacted);
});

test("redactSecrets() leaves other text alone", () => {
  for (const text of HARMLESS) assertEquals(redactSecrets(text), text);
});

test("redactSecrets() takes time in proportion to the text, whatever the text", () => {
  const long = (unit: string) => unit.repeat(Math.ceil(50_000 / unit.length));
  for (
    const unit of ["a-", "a_", "https://", "eyJ", "password", "sk-", "x.", "&token", "host ", "= "]
  ) {
    const text = long(unit);
    const startedAt = performance.now();
    redactSecrets(text);
    assertLess(performance.now() - startedAt, 1000, unit);
  }
});
