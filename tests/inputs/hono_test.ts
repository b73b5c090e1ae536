import { EventBus } from "@locus/core";
import { locus } from "@locus/core/hono";
import { mistakes, noBuses, noOptions, wrong } from "./_mistakes.ts";

const bus = new EventBus();
const fn = () => true;

noOptions("locus()", (o) => locus(o));
noBuses(
  "locus()",
  (bus) => locus({ bus }),
  '"bus" must be an event bus, got ',
);

mistakes("locus()", [
  ["a bus", () => locus(wrong(bus)), "got an event bus; did you mean { bus }?"],
  ["a typo", () => locus(wrong({ authorise: fn })), 'did you mean "authorize"?'],
  [
    "true for a function",
    () => locus({ authorize: wrong(true) }),
    '"authorize" must be a function',
  ],
  ["text for true", () => locus({ local: wrong("true") }), '"local" must be true or false'],
  ["one host", () => locus({ allowedHosts: wrong("example.com") }), '"allowedHosts" must be'],
  ["an URL as host", () => locus({ allowedHosts: ["https://example.com"] }), '"allowedHosts" must'],
  ["a host as origin", () => locus({ allowedOrigins: ["example.com"] }), '"allowedOrigins" must'],
  ["a star", () => locus({ allowedOrigins: ["*"] }), '"allowedOrigins" must'],
  ["open ingest", () => locus({ ingest: true }), '"ingest" needs "authorize"'],
  ["open answers", () => locus({ onResume: fn as never }), '"onResume" needs "authorize"'],
  ["text as ingest", () => locus({ local: true, ingest: wrong("yes") }), "ingest"],
  ["text as workbench", () => locus({ workbench: wrong("yes") }), 'got "yes"'],
  ["numbers as limits", () => locus({ limits: wrong(5) }), "limits"],
  ["a limit of none", () => locus({ limits: wrong({ connections: 0 }) }), "limits"],
  ["no time", () => locus({ revalidateMs: 0 }), '"revalidateMs" must be'],
  ["seconds", () => locus({ heartbeatMs: 5 }), '"heartbeatMs" must be'],
  ["no function", () => locus({ onError: wrong("x") }), '"onError" must be a function'],
]);
