import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { redactSecrets } from "../../src/redaction/secrets.ts";
import { REDACTED_TEXTS } from "./redacted_texts.ts";

test("redactSecrets() removes what looks like a secret", () => {
  for (const [text, redacted] of REDACTED_TEXTS) assertEquals(redactSecrets(text), redacted);
});

test("redactSecrets() leaves what it made of a text alone", () => {
  for (const [, redacted] of REDACTED_TEXTS) assertEquals(redactSecrets(redacted), redacted);
});

/** What makes a search long that goes back and forth: a square of a quarter of a million takes minutes. */
const HOSTILE = [
  ...["a-", "a_", "a:", "a=", "a://", "a@", "x.", "-", "= ", "'", '\\"', "?", "&a=", "k1=", "("],
  ...["https://", "http://u:p/", "http://u:p", "x@y:z", "1:AA", "password://u"],
  ...["eyJ", "eyJ-", "eyJaaaaa.", "eyJaaaaa-", "sk-", "hf_", "SG.", "pat", "AKIA", "mmk_", "us1-"],
  ...["password", 'password="', "password='x\\", 'token="\\', "token=${", 'token="${', "?token="],
  ...["mysql -p ", "mysql ", "curl -u ", " -p", " -U", "sshpass -", "login -p a ", "--user=a "],
  ...[
    "password 'x",
    "password for ",
    "identified by ",
    "alter user ",
    "set a.b ",
    "ENV A_B ",
    "env ",
  ],
  ...["setPassword(", 'password("', "login(a, ", 'login("a",', "auth=(", "token=Some(", "Secret("],
  ...["password: &a ", "password: &a !!b ", "Pwd={", "Pwd={a}", ";Pwd={}}", '<a key="password">'],
  ...[
    "<key>password</key><",
    '"values":["',
    "-us1",
    "0123456789abcdef",
    "MTI",
    "MTIz",
    "re_",
    "fw_",
  ],
  ...["password=x ", '"token":"abc",', "token = ", "token: Bearer ", "api key: x ", "pass word: "],
  ...['"token":["a"],', '{"secrets":{', '"secrets":{"a":"', "password: |\n a\n", "password: |"],
  ...['<a b="c">', ":\\/\\/u:p", "%3A%2F%2Fa", "%3A%2F%2F%40", "<token><![CDATA[", "token: !!s "],
  ...["<token>", "<token>x ", "<password>x</password>", '["password",', '"a",', "--password "],
  ...['"value":"x",', "name:a value: x ", "name:name:value=", "curl -u a:b ", "-u a:b "],
  ...["bearer\t\t", "Cookie: ", "Authorization: ", "Authorization: Token ", "host=", "host "],
  ...["-----BEGIN PRIVATE KEY-----", "-----BEGIN ", "-----END ", "ocid1.", "/home/", "/home/a/"],
  ...[
    "\\nsk-",
    "%20sk-",
    "token%3D",
    "token%3Dx%26",
    "&quot;token&quot;:&quot;",
    `${"x".repeat(31)}_`,
  ],
];

test("E: redactSecrets() comes to an end with any text, as no part of it is read again and again", () => {
  for (const unit of HOSTILE) {
    const text = unit.repeat(Math.ceil(250_000 / unit.length));
    assertEquals(typeof redactSecrets(text), "string", unit);
  }
});

test("redactSecrets() takes a secret of millions of characters out", () => {
  const long = "x".repeat(5_000_000);
  assertEquals(redactSecrets(`see password="${long}" there`), "see password=[REDACTED] there");
  assertEquals(redactSecrets(`sk-${long}`), "sk-xxx...xxxx");
  assertEquals(
    redactSecrets(`Authorization: Bearer ${long}1`),
    "Authorization: Bearer xxxxxx...xxx1",
  );
  assertEquals(redactSecrets(`{"secrets":["${long}"]}`), '{"secrets":[REDACTED]}');
});
