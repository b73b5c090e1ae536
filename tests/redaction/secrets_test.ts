import { test } from "node:test";
import { assertEquals, assertLess } from "@std/assert";
import { redactSecrets } from "../../src/redaction/secrets.ts";

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
  ['{\\"password\\":\\"hunter2\\"}', '{\\"password\\":[REDACTED]}'],
  ['{"password": "cut off in the mid', '{"password": [REDACTED]'],
  ['token="a\\"b" rest', "token=[REDACTED] rest"],
  ["Cookie: sid=abc; theme=dark", "Cookie: [REDACTED]"],
  [
    "key:\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nend",
    "key:\n[REDACTED]\nend",
  ],
  ["-----BEGIN PRIVATE KEY-----\nMIIE and cut", "[REDACTED]"],
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
  const units = [
    "a-",
    "a_",
    "https://",
    "eyJ",
    "eyJ-",
    "password",
    'password="',
    'token="\\',
    "sk-",
  ];
  units.push("x.", "&token", "?token=", "host ", "= ", "-----BEGIN PRIVATE KEY-----", "bearer\t\t");
  units.push("a://", "a@", "ocid1.", `${"x".repeat(31)}_`, '\\"');
  for (const unit of units) {
    const text = unit.repeat(Math.ceil(1_000_000 / unit.length));
    const startedAt = performance.now();
    redactSecrets(text);
    // A square of a million would take minutes.
    assertLess(performance.now() - startedAt, 5000, unit);
  }
});

test("redactSecrets() takes a secret of millions of characters out", () => {
  const long = "x".repeat(5_000_000);
  assertEquals(redactSecrets(`see password="${long}" there`), "see password=[REDACTED] there");
  assertEquals(redactSecrets(`sk-${long}`), "sk-xxx...xxxx");
});
