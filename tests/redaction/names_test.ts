import { test } from "node:test";
import { assertEquals } from "@std/assert";
import { createRedactor } from "../../src/redaction/mod.ts";

const redactor = createRedactor();

/** The names of one secret each, in the spellings of people, programs and files. */
const SECRET_NAMES = [
  ...[
    "password",
    "Password",
    "PASSWORD",
    "passwd",
    "pwd",
    "passphrase",
    "dbPassword",
    "db_password",
  ],
  ...["DB_PASSWORD", "db-password", "PGPASSWORD", "MYSQL_PWD", "smtpPassword", "password2"],
  ...["newPassword", "password_confirmation", "passwordHash", "wifi_password_old", "userPassword"],
  ...["token", "accessToken", "access_token", "ACCESS_TOKEN", "access-token", "refreshToken"],
  ...[
    "authToken",
    "botToken",
    "GITHUB_TOKEN",
    "x-auth-token",
    "idToken",
    "token_v2",
    "slackToken1",
  ],
  ...[
    "apiKey",
    "api_key",
    "APIKEY",
    "api-key",
    "x-api-key",
    "OPENAI_API_KEY",
    "apiKeyProd",
    "apikey2",
  ],
  ...["secret", "clientSecret", "client_secret", "CLIENT_SECRET", "webhookSecret", "mySecretValue"],
  ...["privateKey", "private_key", "signingKey", "encryption_key", "masterKey", "secretKey"],
  ...["AWS_SECRET_ACCESS_KEY", "awsAccessKeyId", "accountKey", "subscription-key", "sharedKey"],
  ...["credential", "credentials", "db_credentials", "dsn", "SENTRY_DSN", "connectionString"],
  ...["connection_string", "otp", "jwt", "mnemonic", "recoveryPhrase", "cvv"],
  ...["totp", "mfaCode", "otp_code", "verification-code", "securityCode"],
];

const OPEN_NAMES = [
  ...["passenger", "compass", "bypass", "passwordless", "password_length", "passwordPolicy"],
  ...["tokenizer", "token_type", "tokenCount", "max_token", "eos_token", "first_token_ms"],
  ...["secretary", "secret_name", "secretArn", "keyboard", "key", "keys", "public_key", "sortKey"],
  ...[
    "monkey",
    "cache_key",
    "apiKeyName",
    "api_key_id",
    "cookieDomain",
    "authorizationUrl",
    "author",
  ],
  ...["credentials_path", "otpLength", "value", "code", "host", "id", "name", "url", "status"],
];

const TEXTS = [
  "{k}=Zq71x",
  "export {k}=Zq71x",
  "{k} = 'Zq71x'",
  '{k}: "Zq71x"',
  "{k}: Zq71x",
  '{"{k}":"Zq71x"}',
  '{ "a": 1, "{k}" : "Zq71x" }',
  '{\\"{k}\\": \\"Zq71x\\"}',
  "'{k}' => 'Zq71x'",
  '{k} := "Zq71x"',
  "?a=1&{k}=Zq71x&b=2",
  "--{k} Zq71x",
  "<{k}>Zq71x</{k}>",
  "a; {k}=Zq71x; b",
  '("{k}", "Zq71x")',
  '{"name": "{k}", "value": "Zq71x"}',
  "{k}%3DZq71x%26",
];

test("E: one rule for keys: what is secret in data is secret in every text", () => {
  for (const name of SECRET_NAMES) {
    assertEquals(redactor.data({ [name]: "Zq71x" }), { [name]: "[REDACTED]" });
    for (const text of TEXTS) {
      const given = text.replaceAll("{k}", name);
      assertEquals(redactor.text(given).includes("Zq71x"), false, given);
    }
  }
});

test("E: one rule for keys: what is open in data is open in every text", () => {
  for (const name of OPEN_NAMES) {
    const data = { [name]: "Zq71x" };
    assertEquals(redactor.data(data), data);
    for (const text of TEXTS) {
      // As parameters, a few short names are secret.
      if (text.startsWith("?") && ["key", "code"].includes(name)) continue;
      if (name === "host" && text.includes("{k}=")) continue;
      const given = text.replaceAll("{k}", name);
      assertEquals(redactor.text(given), given);
    }
  }
});

test("E: a name of few words counts only with a value that looks like a secret", () => {
  const opaque = "a1b2c3d4e5f6g7h8i9j0";
  for (const name of ["stripe_key", "userAuth", "GITHUB_PAT", "signature"]) {
    assertEquals(redactor.data({ [name]: opaque }), { [name]: "[REDACTED]" });
    assertEquals(redactor.text(`${name}=${opaque}`), `${name}=[REDACTED]`);
    for (const value of ["main", "agent.tool.started", "user-42-profile", crypto.randomUUID()]) {
      assertEquals(redactor.data({ [name]: value }), { [name]: value });
      assertEquals(redactor.text(`${name}: "${value}"`), `${name}: "${value}"`);
    }
  }
});
