import { test } from "node:test";
import { assertEquals, assertLess, assertStrictEquals, assertThrows } from "@std/assert";
import { createRedactor, PII_PATTERNS, type RedactorOptions } from "../../src/redaction/mod.ts";

const redactor = createRedactor();

test("Redactor.data() redacts by key, in any case and with any separators", () => {
  const keys = [
    "password",
    "DB_PASSWORD",
    "x-api-key",
    "accessToken",
    "Authorization",
    "set-cookie",
  ];
  for (const key of [...keys, "client_secret", "credentials", "AWS_SECRET_ACCESS_KEY", "dsn"]) {
    assertEquals(redactor.data({ [key]: "abc" }), { [key]: "[REDACTED]" });
    assertEquals(
      redactor.data<unknown>({ a: [{ [key]: { v: 1 } }] }),
      { a: [{ [key]: "[REDACTED]" }] },
    );
  }
  assertEquals(redactor.data<object>({ password: 1234 }), { password: "[REDACTED]" });
});

test("Redactor.data() leaves counts, flags and what is missing alone", () => {
  const data = {
    prompt_tokens: 5,
    total_tokens: 8,
    has_token: true,
    password: null,
    secret: "",
    tokenizer: "x",
    arg_keys: ["password"],
  };
  assertStrictEquals(redactor.data(data), data);
});

test("Redactor.data() redacts by shape in every text", () => {
  assertEquals(
    redactor.data({ list: ["ok", "key sk-proj-abcdefghijklmnop"], n: 1 }),
    { list: ["ok", "key sk-pro...mnop"], n: 1 },
  );
});

test("Redactor.data() keeps `__proto__` a key like any other", () => {
  const data = JSON.parse('{"__proto__":{"password":"x"},"constructor":"sk-12345678"}');
  assertEquals(
    JSON.stringify(redactor.data(data)),
    '{"__proto__":{"password":"[REDACTED]"},"constructor":"[REDACTED]"}',
  );
  assertEquals(({} as { password?: string }).password, undefined);
});

test("Redactor.data() ends, however deep or entangled the data is", () => {
  let deep: unknown = "sk-12345678";
  for (let i = 0; i < 100; i++) deep = { deep };
  assertEquals(JSON.stringify(redactor.data({ deep })).includes("sk-"), false);
  const knot: Record<string, unknown> = {};
  for (const key of "abcdefgh") knot[key] = knot;
  const startedAt = performance.now();
  redactor.data(knot);
  assertLess(performance.now() - startedAt, 5000);
});

test("Redactor.preview() redacts before it cuts", () => {
  const secrets = [
    "sk-ant-api03-abcdefghijklmnopqrstuv",
    `eyJ${"a".repeat(300)}.${"b".repeat(300)}`,
  ];
  for (const secret of [...secrets, 'password="two words"', "postgres://ada:pw@db/x"]) {
    for (let before = 0; before < 260; before += 7) {
      const shown = redactor.preview(`${"x".repeat(before)} ${secret} rest`, 240);
      assertEquals(/sk-ant-|eyJaaaa|two|words|postgres|ada/.test(shown), false, shown);
      assertEquals(shown.length <= 240, true);
    }
  }
});

test("Redactor.preview() finds a secret that begins at the cut and is longer than what is looked at", () => {
  const long = `${"x ".repeat(100)}-----BEGIN PRIVATE KEY-----\n${"Zq7".repeat(5000)}`;
  assertEquals(redactor.preview(long, 240), `${"x ".repeat(100)}[REDACTED]`.slice(0, 240));
  const many = `${"postgres://u:p@h/aaaaaaaaaaaaaaaaaaaaaaaaaaaaa ".repeat(92)}sk-${
    "q".repeat(400)
  }`;
  assertEquals(redactor.preview(many, 240).includes("sk-qqqqqqq"), false);
});

test("Redactor.preview() takes no longer for a long text", () => {
  const text = "word ".repeat(2_000_000);
  const startedAt = performance.now();
  for (let i = 0; i < 20; i++) assertEquals(redactor.preview(text, 240).length, 240);
  assertLess(performance.now() - startedAt, 1000);
});

test("createRedactor() takes more keys, shapes and a replacement", () => {
  const own = createRedactor({
    keys: ["IBAN"],
    patterns: [PII_PATTERNS["email"]!, /CASE-\d{1,9}/],
    replace: (secret) => `<${secret.length}>`,
  });
  assertEquals(
    own.data({ iban: "DE02", text: "ada@example.com, CASE-12 and CASE-13", token: "abc" }),
    { iban: "<4>", text: "<15>, <7> and <7>", token: "<3>" },
  );
});

test("createRedactor() refuses what it cannot use", () => {
  const refuse = (options: unknown, message: string) =>
    assertThrows(() => createRedactor(options as RedactorOptions), TypeError, message);
  refuse({ key: [] }, 'unknown option "key"');
  refuse({ keys: "iban" }, '"keys" must be a list of names, got "iban"');
  refuse({ keys: [1] }, '"keys" must be a list of names, got 1');
  refuse({ patterns: ["x"] }, '"patterns" must be a list of regular expressions');
  refuse({ replace: "x" }, '"replace" must be a function');
});
