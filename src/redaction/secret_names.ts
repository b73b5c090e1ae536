/** The names that secrets have. */

/**
 * What a name says about its value.
 *
 * - `secret`: the value is one, whatever it is; `authorization` and `cookie` are secrets that have a form.
 * - `token`: a secret, unless it is a small number.
 * - `coded`: a secret if it has a digit, as what is said of it has none: `otp: sent by mail`.
 * - `counted`: a plural, which may be a number of things as well: `tokens: 42`.
 * - `opaque`: a secret only if it looks like one: `stripe_key`.
 * - `query`: the same as a parameter of a URL, where a few short names are secret, too.
 * - `named`: the value of a pair whose other half says what it is: `{ "name": "token", "value": "…" }`.
 * - `host`: hidden in texts, where it is assigned: `host=db.internal`.
 * - `login`: what is called with a user and a password: `login("ada", "…")`.
 * - `open`: anything else.
 */
export type KeyKind =
  | "open"
  | "secret"
  | "authorization"
  | "cookie"
  | "token"
  | "coded"
  | "counted"
  | "opaque"
  | "query"
  | "named"
  | "host"
  | "login";

/** What a name says that ends so. */
export interface Ending {
  readonly kind: KeyKind | "qualifier";
  readonly when: When;
}

/**
 * Where in a name it counts: `anywhere` at the end; as a `word` of its own; `behind` another word; as the
 * `whole` name.
 */
export type When = "anywhere" | "word" | "behind" | "whole";

/** All endings; the names are separated by white space. */
export const ENDINGS: readonly (readonly [Ending["kind"], When, names: string])[] = [
  [
    "secret",
    "anywhere",
    `password passwd passphrase passcode passwordhash pwd pswd secret secretstring secretbinary
     credential credentials creds dsn mnemonic seedphrase recoveryphrase recoverycode backupcode
     securestring cvv cvc connectionstring accesssignature accesskeyid
     accesskey accountkey adminkey apikey appkey authkey clientkey cryptokey deploykey encryptionkey
     hmackey licensekey masterkey privatekey secretkey servicekey sessionkey sharedkey signingkey
     sshkey subscriptionkey webhookkey`,
  ],
  ["secret", "word", "bearer"],
  ["coded", "anywhere", "otp jwt mfacode otpcode pincode securitycode verificationcode"],
  ["login", "anywhere", "login signin authenticate basicauth passwordauthentication"],
  ["authorization", "anywhere", "authorization"],
  ["cookie", "anywhere", "cookie"],
  ["token", "anywhere", "token"],
  [
    "counted",
    "anywhere",
    `tokens cookies passwords passphrases secrets accesskeys apikeys authkeys privatekeys secretkeys
     signingkeys backupcodes recoverycodes`,
  ],
  // Not `compass` and `bypass`.
  ["counted", "word", "pass pw"],
  [
    "counted",
    "anywhere",
    `adminpass apppass dbpass ftppass httppass imappass keypass ldappass mailpass mysqlpass pgpass
     proxypass redispass rootpass smtppass sshpass storepass sudopass userpass webpass wifipass`,
  ],
  ["opaque", "behind", "key"],
  ["opaque", "word", "auth pat sas sess sig signature"],
  ["opaque", "anywhere", "sessid jsessionid"],
  ["query", "whole", "code key"],
  ["named", "whole", "val value values"],
  ["host", "word", "host"],
  ["host", "anywhere", "pghost"],
  // What tokenizers call so, counts of tokens, and keys that open nothing.
  [
    "open",
    "anywhere",
    `bostoken eostoken padtoken unktoken septoken clstoken masktoken stoptoken specialtoken maxtoken
     mintoken numtoken totaltoken pertoken firsttoken
     publickey pubkey primarykey foreignkey sortkey cachekey partitionkey hashkey idempotencykey
     dedupkey objectkey storagekey rowkey rangekey indexkey routingkey translationkey`,
  ],
  [
    "qualifier",
    "behind",
    `val value plain plaintext raw enc encrypted base prod production dev development staging test
     live local old new current previous primary secondary main backup confirm confirmation repeat
     again v`,
  ],
  // Of a declaration, `var token string =`, and of a sentence.
  ["qualifier", "word", "string str provided is was"],
];
