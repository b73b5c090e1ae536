/**
 * The workbench sends a path without its slash to the one with it. The path comes from outside, and a proxy
 * may have changed it on its way.
 *
 * @module
 */
import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { Hono } from "hono";
import { locus } from "@locus/core/hono";
import { rawRequest } from "../harness/support/raw_request.ts";
import { serverKinds } from "../harness/support/serve.ts";

/** The workbench below a path, below a parameter, and as a parameter. */
function createApp(): Hono {
  const workbench = () => locus({ workbench: true, authorize: () => false });
  return new Hono()
    .route("/locus", workbench())
    .route("/:tenant/w", workbench())
    .route("/deep/:a/:b", workbench())
    .route("/:tenant", workbench());
}

const PATHS = [
  "/locus",
  "/%5Cevil.example/w",
  "/\\evil.example/w",
  "/%5c%5cevil.example/w",
  "/%2Fevil.example/w",
  "/%2F%2Fevil.example/w",
  "//evil.example/w",
  "///evil.example/w",
  "/%2F/w",
  "/%5Cevil.example",
  "/\\evil.example",
  "/\\\\evil.example",
  "/%09/w",
  "/%09%2Fevil.example/w",
  "/%0d%0aX-Injected:%201/w",
  "/%00/w",
  "/http:%2F%2Fevil.example/w",
  "/http:evil.example",
  "/javascript:alert(1)",
  "/data:text,x",
  "/a:b/w",
  "/@evil.example",
  "/.evil.example/w",
  "/..%2F/w",
  "/..%5C/w",
  "/%2e%2e/w",
  "/%2e%2e%2fevil.example",
  "/deep/%5C/%5Cevil.example",
  "/deep/a/%2F%2Fevil.example",
  "/deep/a/;x=1",
  "/%E0%A4%A/w",
  "/%E2%82%AC/w",
  "/100%25/w",
  "/%3Fx/w",
  "/%23x/w",
  '/"<x>/w',
];
const QUERIES = [
  "",
  "?run=a&filter=%2F%2Fevil.example",
  "?next=//evil.example",
  "?%5C=\\&a=%0d%0ab",
];

for (const kind of serverKinds) {
  test(`D7: ${kind.name}: no path makes a redirect leave its host, or lose anything`, async () => {
    const { url, close } = await kind.serve(createApp());
    let redirects = 0;
    try {
      for (const target of PATHS.flatMap((path) => QUERIES.map((query) => path + query))) {
        const { status, head } = await rawRequest(url, { path: target });
        assert(status < 500, `${target} is answered ${status}`);
        assertEquals(/^x-injected/im.test(head), false, target);
        const location = /^location: *(.*)$/im.exec(head)?.[1];
        if (location === undefined) continue;
        redirects++;
        // As browsers do, from where they are: once directly, once behind a proxy that took a prefix away.
        for (const prefix of ["", "/prefix/of/proxy"]) {
          const from = new URL(url + prefix + target);
          const to = new URL(location, from);
          assertEquals(to.origin, url, target);
          assertEquals(to.pathname, `${from.pathname}/`, target);
          assertEquals([...to.searchParams], [...from.searchParams], target);
        }
        assert(/^[!-~]+$/.test(location), `${target} leads to ${location}`);
      }
    } finally {
      await close();
    }
    assert(redirects > PATHS.length, `${redirects} redirects`);
  });
}

test("D7: a redirect keeps the query", async () => {
  const response = await createApp().request("/locus?a=1&b=%2F#hash");
  assertEquals(response.headers.get("Location"), "./locus/?a=1&b=%2F");
});
