import { test } from "node:test";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
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
  // Eight to the power of 64 values, of which it looks at a hundred thousand.
  assertEquals(JSON.stringify(redactor.data(knot)).includes("[REDACTED]"), true);
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

test("Redactor.preview() looks at no more than it needs of a long text", () => {
  const shown = new Set<string>();
  const own = createRedactor({
    patterns: [/x/],
    replace: (match) => {
      shown.add(match);
      return "y";
    },
  });
  const text = `${"word ".repeat(2000)}x`;
  assertEquals(own.preview(text, 240).length, 240);
  assertEquals(shown.size, 0);
});

test("E: Redactor.data() searches the keys of objects, and keeps every entry", () => {
  assertEquals(redactor.data<object>({ "postgres://u:pw@h/db": 1 }), { "[REDACTED]": 1 });
  assertEquals(
    redactor.data<object>({ a: { "sk-12345678": 1, "sk-12345679": { password: "x" }, ok: 2 } }),
    { a: { "[REDACTED]": 1, "[REDACTED] 2": { password: "[REDACTED]" }, ok: 2 } },
  );
});

test("E: Redactor.data() knows plurals: their texts are secrets, their numbers are counts", () => {
  assertEquals(
    redactor.data<object>({
      tokens: ["a", "b"],
      accessTokens: { github: "a", n: 2 },
      pass: "hunter2",
      cookies: { sid: "abc" },
      apiKeys: "a",
      usage: { tokens: 5, tokensUsed: 6 },
    }),
    {
      tokens: ["[REDACTED]", "[REDACTED]"],
      accessTokens: { github: "[REDACTED]", n: 2 },
      pass: "[REDACTED]",
      cookies: { sid: "[REDACTED]" },
      apiKeys: "[REDACTED]",
      usage: { tokens: 5, tokensUsed: 6 },
    },
  );
});

test("E: Redactor.data() knows headers and other pairs, in lists and objects", () => {
  assertEquals(
    redactor.data<object>({
      headers: [["authorization", "Token x"], ["accept", "*/*"], ["x-api-key", "abc"]],
      rawHeaders: ["Host", "x.dev", "Cookie", "sid=abc", "Set-Cookie", "a=b", "Accept", "a/b"],
      har: [{ name: "Authorization", value: "abc" }, { name: "Accept", value: "a/b" }],
      env: [{ key: "DB_PASSWORD", value: "abc" }, "API_KEY=abc1"],
      params: [{ name: "api_key", values: ["abc", "d"] }, { field: "otp", value: "123456" }],
      parameters: [{ Name: "DB_PASSWORD", Value: "abc" }, { Key: "Owner", Value: "ada" }],
      argv: ["--password", "hunter2", "-v"],
      entries: [["password", "hunter2"], ["name", "ada"]],
    }),
    {
      headers: [["authorization", "[REDACTED]"], ["accept", "*/*"], ["x-api-key", "[REDACTED]"]],
      rawHeaders: [
        ...["Host", "x.dev", "Cookie", "[REDACTED]", "Set-Cookie", "[REDACTED]", "Accept", "a/b"],
      ],
      har: [{ name: "Authorization", value: "[REDACTED]" }, { name: "Accept", value: "a/b" }],
      env: [{ key: "DB_PASSWORD", value: "[REDACTED]" }, "API_KEY=[REDACTED]"],
      params: [
        { name: "api_key", values: ["[REDACTED]", "[REDACTED]"] },
        { field: "otp", value: "[REDACTED]" },
      ],
      parameters: [{ Name: "DB_PASSWORD", Value: "[REDACTED]" }, { Key: "Owner", Value: "ada" }],
      argv: ["--password", "[REDACTED]", "-v"],
      entries: [["password", "[REDACTED]"], ["name", "ada"]],
    },
  );
});

test("E: a key of your own is a secret in texts as well", () => {
  const own = createRedactor({ keys: ["iban", "x_ray2"], replace: (secret) => `<${secret}>` });
  assertEquals(
    own.text('customerIban=DE02, "IBAN": "DE03" iban: DE04'),
    'customerIban=<DE02>, "IBAN": <DE03> iban: <DE04>',
  );
  assertEquals(own.text("X-Ray-2 = abc"), "X-Ray-2 = <abc>");
  assertEquals(redactor.text("iban=DE02"), "iban=DE02");
  const text = `${"word ".repeat(20)}iban=DE02 ${"word ".repeat(2000)}`;
  assertEquals(own.preview(text, 240).includes("iban=<DE02>"), true);
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
