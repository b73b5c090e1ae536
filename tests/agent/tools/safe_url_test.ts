import { test } from "node:test";
import { assertEquals, assertRejects } from "@std/assert";
import fc from "../../harness/support/property.ts";
import { isSafeUrl, type SafeUrlOptions, validateUrl } from "../../../src/agent/mod.ts";

const resolve = () => Promise.resolve(["93.184.216.34", "2606:2800:220:1::1"]);

/** Never opened, whatever is allowed. */
const NEVER = [
  "http://169.254.169.254/latest/meta-data/",
  "http://169.254.0.1/",
  "http://0xa9fea9fe/",
  "http://2852039166/",
  "http://0251.0376.0251.0376/",
  "http://169.254.169.254./",
  "http://[::ffff:169.254.169.254]/",
  "http://[::ffff:a9fe:a9fe]/",
  "http://[64:ff9b::a9fe:a9fe]/",
  "http://[2002:a9fe:a9fe::]/",
  "http://[fd00:ec2::254]/",
  "http://[fe80::1]/",
  "http://[ff02::1]/",
  "http://[::]/",
  "http://0.0.0.0/",
  "http://0/",
  "http://100.100.100.200/",
  "http://168.63.129.16/",
  "http://192.0.0.192/",
  "http://224.0.0.1/",
  "http://255.255.255.255/",
  "http://metadata.google.internal/computeMetadata/v1/",
  "http://METADATA.google.internal./",
  "http://metadata/",
  "http://instance-data.ec2.internal/",
];

/** This machine and its network. */
const PRIVATE = [
  "http://127.0.0.1/",
  "http://127.1/",
  "http://2130706433/",
  "http://0x7f000001/",
  "http://0177.0.0.1/",
  "http://127.0.0.1./",
  "http://１２７.0.0.1/",
  "http://[::1]/",
  "http://[::ffff:127.0.0.1]/",
  "http://[::127.0.0.1]/",
  "http://[64:ff9b::10.0.0.1]/",
  "http://[fd12:3456::1]/",
  "http://[fec0::1]/",
  "http://[2001:db8::1]/",
  "http://10.1.2.3/",
  "http://172.16.0.1/",
  "http://172.31.255.255/",
  "http://192.168.1.1/",
  "http://100.64.0.1/",
  "http://100.127.255.255/",
  "http://198.18.0.1/",
  "http://198.19.255.255/",
  "http://localhost:8080/",
  "http://localhost./",
  "http://api.localhost/",
  "http://printer.local/",
  "http://redis/",
  "http://db.internal/",
];

const PUBLIC = [
  "http://example.com/",
  "https://example.com:8443/a?b#c",
  "https://example.com./",
  "http://93.184.216.34/",
  "http://172.32.0.1/",
  "http://100.128.0.1/",
  "http://[2606:2800:220:1::1]/",
  "http://[::ffff:93.184.216.34]/",
];

test("isSafeUrl() lets public places through", async () => {
  for (const url of PUBLIC) assertEquals(await isSafeUrl(url, { resolve }), true, url);
});

test("isSafeUrl() refuses this machine and private networks, however they are written", async () => {
  for (const url of PRIVATE) {
    assertEquals(await isSafeUrl(url, { resolve }), false, url);
    assertEquals(await isSafeUrl(url, { resolve, allowPrivate: true }), true, url);
  }
});

test("isSafeUrl() refuses places that hand out keys, whatever is allowed", async () => {
  for (const url of NEVER) {
    assertEquals(await isSafeUrl(url, { resolve, allowPrivate: true }), false, url);
  }
});

test("isSafeUrl() judges an address the same, however it is written", async () => {
  await fc.assert(fc.asyncProperty(
    fc.oneof(
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      // Uniform numbers hardly ever hit what matters.
      fc.tuple(fc.constantFrom(0, 10, 100, 127, 169, 172, 192, 198, 224), fc.nat(2 ** 24 - 1))
        .map(([first, rest]) => first * 2 ** 24 + rest),
    ),
    fc.boolean(),
    async (address, allowPrivate) => {
      const bytes = [24, 16, 8, 0].map((shift) => (address >>> shift) & 255);
      const groups = [address >>> 16, address & 0xffff].map((group) => group.toString(16));
      const verdicts = await Promise.all(
        [
          bytes.join("."),
          String(address),
          `0x${address.toString(16)}`,
          `0${address.toString(8)}`,
          bytes.map((byte) => `0x${byte.toString(16)}`).join("."),
          `${bytes.join(".")}.`,
          `[::ffff:${bytes.join(".")}]`,
          `[64:ff9b::${groups.join(":")}]`,
          `[2002:${groups.join(":")}::1]`,
        ].map((host) => isSafeUrl(`http://${host}/`, { allowPrivate })),
      );
      assertEquals(new Set(verdicts).size, 1);
    },
  ));
});

test("validateUrl() says why it refuses", async () => {
  const bad: [string, string][] = [
    ["ftp://example.com/", 'only http and https are opened, not "ftp:"'],
    ["file:///etc/passwd", 'not "file:"'],
    ["http://user@example.com/", "carries a user name or password"],
    ["http://example.com:80@127.0.0.1/", "carries a user name or password"],
    ["http://10.0.0.1/", '"http://10.0.0.1" must not be opened: it leads into a private network'],
    ["http://169.254.169.254/", "nothing there is for an agent"],
  ];
  for (const [url, message] of bad) {
    await assertRejects(() => validateUrl(url, { resolve }), RangeError, message);
  }
});

test("validateUrl() returns the URL as it is to be opened", async () => {
  const url = await validateUrl("HTTP://Example.com/../a", { resolve });
  assertEquals(url.href, "http://example.com/a");
});

test("validateUrl() refuses a name of which one address is private", async () => {
  const addresses = [
    "127.0.0.1",
    "10.0.0.1",
    "::1",
    "::ffff:10.0.0.1",
    "fe80::1%eth0",
    "no address",
  ];
  for (const address of addresses) {
    const rebound: SafeUrlOptions = { resolve: () => Promise.resolve(["93.184.216.34", address]) };
    assertEquals(await isSafeUrl("http://example.com/", rebound), false, address);
  }
  const metadata = { resolve: () => Promise.resolve(["169.254.169.254"]), allowPrivate: true };
  assertEquals(await isSafeUrl("http://example.com/", metadata), false);
});

test("validateUrl() refuses a name that cannot be looked up", async () => {
  const url = "http://example.com/";
  const failing = { resolve: () => Promise.reject(new Error("ENOTFOUND")) };
  await assertRejects(() => validateUrl(url, failing), RangeError, "its name cannot be looked up");
  const empty = { resolve: () => Promise.resolve([]) };
  await assertRejects(() => validateUrl(url, empty), RangeError, "its name has no address");
});

test("validateUrl() asks this runtime for addresses if nothing else is said", async () => {
  const url = "http://localhost/";
  assertEquals((await validateUrl(url, { allowPrivate: true })).href, url);
  assertEquals(await isSafeUrl("http://does-not-exist.invalid/"), false);
});

test("validateUrl() refuses bad arguments by name", async () => {
  for (const url of ["", "example.com", 5, null]) {
    await assertRejects(() => validateUrl(url as string), TypeError, "expected an absolute URL");
  }
  const bad: [object, string][] = [
    [{ private: true }, 'unknown option "private"'],
    [{ allowPrivate: 1 }, '"allowPrivate" must be true or false, got 1'],
    [{ resolve: 5 }, '"resolve" must be a function, got 5'],
  ];
  for (const [options, message] of bad) {
    await assertRejects(() => validateUrl("http://example.com", options), TypeError, message);
    await assertRejects(() => isSafeUrl("http://example.com", options), TypeError, message);
  }
});
