import { test } from "node:test";
import { assertEquals, assertLess, assertStrictEquals } from "@std/assert";
import { readdirSync, readFileSync } from "node:fs";
import { createRedactor } from "../../src/redaction/mod.ts";
import { redactSecrets } from "../../src/redaction/secrets.ts";
import { fill, randomOf } from "./corpus.ts";

const ORDINARY = [
  "unknown host: example.com",
  "Unexpected token } in JSON at position 3",
  `Unexpected token 'a', "abc" is not valid JSON`,
  "404 Not Found: https://example.com/a?page=2",
  "The bearer token is invalid, use bearer authentication",
  "disk-full, skip sk-1, class sk-fading-circle",
  "expected a host, got 5",
  // Counts, flags and what is missing
  "tokens used: 42, max_tokens: 4096, Total tokens: 1,234",
  '{"max_tokens": 4096, "prompt_tokens":12, "tokens": [1, 2, 3], "token": null, "has_token": true}',
  "tokens=42 token_count=7 password=null secret=false",
  // What is said of a secret
  "otp: enabled, jwt: invalid, otp: sent by mail, jwt: header.payload, token: expired",
  '{"otp": "enabled", "jwt": "malformed", "password": "required", "api_key": "missing"}',
  "Cookie: chocolate chip recipe",
  "Set-Cookie: see below for all of them",
  "Authorization: required for this page",
  "runs identified by 'run_id', identified by name",
  'the field password "current" and the password "must be long"',
  // Words that only look like names
  "password reset page; forgot password? The secret of success: patience",
  "compass: north, bypass=yes, the tests pass: 12",
  "secret_name: prod/db, api_key_name=main, token_type: bearer, tokenizer=cl100k",
  '"eos_token": "</s>", "publicKey": "abcdefghij0123456789", sort_key=abcdefghij0123456789',
  "`password=` and `token=` are assignments; <token> is a place",
  "See the token: it is in the header. Use the password for this.",
  // Source code
  "token: string; password?: string | null; const secret = await readSecret(name);",
  "password: options.password, token: Token, apiKey: process.env.API_KEY, host: string",
  "secret = os.environ['SECRET']; password = getpass(); token = $TOKEN; key=${KEY}",
  "usage.input_tokens += other.input_tokens; if (token === undefined) return token;",
  'const INPUT_TOKENS = "gen_ai.usage.input_tokens";',
  'required: ["password", "username"], headers: ["authorization", "cookie", "content-type"]',
  'fetch(url, { credentials: "include" })',
  'secret.get("db"), getSecret("prod/db1"), readToken("access"), expectToken("}"), t("password")',
  'password("Enter a password"), useSecret("name"), login("ada", "main"), authenticate("jwt", {})',
  "<Form password={password} token={token1} /> `?pwd={pwd};token={token}`",
  "token: &token, password: *shared, ptr->token->value, if (a && password)",
  "#define R_MISSING_PRIVATE_KEY 131, set api.key_format later, env NODE_ENV test",
  'as <string name="app_name">Shop</string>, {"id": "token", "value": 42}',
  // Flags that mean something else
  "ssh -p 2222 ada@x.dev, docker run -p 8080:80 nginx, mkdir -p src/x, psql -p 5432 -U ada",
  "mysql -u root -p shop < dump.sql, mysql -p -u root, curl -u ada x.dev, git push -u origin main",
  "cp -a x y, grep -w word, docker login -u ada --password-stdin, 7z x a.7z -y",
  "vcr_cassettes_directory_path_of_all, napi_create_string_utf8, fw_createwindowwithparameters(1)",
  // What is long and by chance
  "sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  '"integrity": "sha512-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ+/=="',
  "id 123e4567-e89b-12d3-a456-426614174000, commit b58d3f102cf3a2c84cb7f923d05c25c9b1aed84b",
  "trace 4bf92f3577b34da6a3ce929d0e0e4736 span 00f067aa0ba902b7 at 2026-11-03T10:00:00.000Z",
  "https://medium.com/@ada/post https://unpkg.com/react@18.2.0/index.js https://x.dev:8080/a@b",
  "git clone ssh://git@github.com/a/b.git; mail ada@example.com; npm i @scope/name@1.2.3",
];

test("E: redactSecrets() leaves ordinary text alone", () => {
  for (const text of ORDINARY) assertEquals(redactSecrets(text), text);
});

test("E: redactSecrets() leaves hashes, ids, dates, numbers and images alone", () => {
  const random = randomOf(3);
  const templates = [
    "{x32} {x40} {x64}",
    "{x8}-{x4}-4{x3}-{x4}-{x12}",
    "call_{A24} run_{a26} msg_{A24} chatcmpl-{A29} toolu_{A24}",
    "data:image/png;base64,iVBORw0KGgo{b20000}==",
    "{d4}-{d2}-{d2}T{d2}:{d2}:{d2}.{d3}Z {d10}.{d3}",
    "v{d2}.{d2}.{d1}+{x7} {w21} {a10}.chunk.{x8}.js",
  ];
  for (let i = 0; i < 20; i++) {
    for (const template of templates) {
      const { text } = fill(template, random);
      assertEquals(redactSecrets(text), text);
    }
  }
});

test("E: Redactor.data() leaves ordinary data alone", () => {
  const data = {
    usage: { input_tokens: 5, output_tokens: 8, tokens: { input: 5, total: 13 }, max_tokens: 4096 },
    token_count: 7,
    has_token: true,
    token: 42,
    password: null,
    secret: "",
    tokenizer: "cl100k",
    compass: "north",
    credentials: "include",
    otp: "enabled",
    jwt: "valid",
    cookie: "chocolate chip recipe",
    arg_keys: ["password", "username"],
    required: ["api_key", "token"],
    headers: ["authorization", "cookie"],
    labels: [["a", "b"], { name: "color", value: "red" }],
  };
  assertStrictEquals(createRedactor().data(data), data);
});

test("E: of the lines of this repository's pages and sources, nearly none has a finding", () => {
  let lines = 0;
  let found = 0;
  for (const path of [...filesUnder("docs", ".md"), ...filesUnder("src", ".ts")]) {
    // What describes secrets has some.
    if (path.includes("redaction")) continue;
    for (const line of readFileSync(path, "utf8").split("\n")) {
      lines++;
      if (redactSecrets(line) !== line) found++;
    }
  }
  assertLess(10_000, lines);
  assertLess(found / lines, 0.002);
});

function filesUnder(folder: string, ending: string): string[] {
  const root = new URL(`../../${folder}/`, import.meta.url);
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => decodeURIComponent(new URL(name.replaceAll("\\", "/"), root).pathname));
}
