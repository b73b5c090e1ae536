import { test } from "node:test";
import { assert, assertEquals } from "@std/assert";
import { Ajv2020 } from "ajv/dist/2020.js";
import { Agent, tool } from "@locus/core/agent";
import { asWritten } from "./as_written.ts";
import type { Case } from "./case.ts";
import { corpus } from "./corpus.ts";
import type { Sent } from "./rules.ts";
import { type Provider, providers, serveProvider, type Visit } from "./strict_provider.ts";

test("The corpus has at least 60 schemas, with names of their own", () => {
  assert(corpus.length >= 60);
  assertEquals(new Set(corpus.map(({ name }) => name)).size, corpus.length);
});

for (const provider of providers) {
  test(`F6: ${provider.name} accepts every schema as that of a tool, and the tool gets what is meant`, () =>
    every(provider, callTool));
  test(`F6: ${provider.name} accepts every schema as that of an answer, and the run has what is meant`, () =>
    every(provider, answer));
}

type Act = (visit: Visit, one: Case, means: unknown, gets: unknown) => Promise<void>;

/** Acts for every value of the corpus; what fails is told by its name. One server and one client are for all. */
async function every(provider: Provider, act: Act): Promise<void> {
  const visit = await serveProvider(provider);
  const failures: [string, string][] = [];
  try {
    for (const one of corpus) {
      for (const [means, gets = means] of one.values) {
        visit.expect((sent) => sent && checked(sent, means));
        await act(visit, one, means, gets).catch((error: Error) =>
          failures.push([one.name, error.message])
        );
      }
    }
  } finally {
    await visit.close();
  }
  assertEquals(failures, []);
}

async function callTool(
  { model, asked }: Visit,
  { schema, jsonSchema }: Case,
  _: unknown,
  gets: unknown,
): Promise<void> {
  const got: unknown[] = [];
  const work = tool({
    name: "work",
    parameters: schema as Record<string, unknown>,
    ...jsonSchema && { jsonSchema },
    execute: (args) => void got.push(args),
  });
  const { stop_reason, tool_executions } = await new Agent({ model, tools: work }).invoke("go");
  assertEquals(asked().map(({ problems }) => problems), [[], []]);
  assertEquals([stop_reason, tool_executions[0]?.error], ["complete", null]);
  assertEquals(got, [gets]);
}

async function answer(
  { model, asked, expect }: Visit,
  { schema, jsonSchema }: Case,
  means: unknown,
  gets: unknown,
): Promise<void> {
  expect((sent) => sent ? checked(sent, means) : means);
  const agent = new Agent({
    model,
    outputSchema: schema as Record<string, unknown>,
    ...jsonSchema && { outputJsonSchema: jsonSchema },
  });
  const { parsed, parse_error } = await agent.invoke("go");
  assertEquals(asked().map(({ problems }) => problems), [[]]);
  assertEquals([parsed, parse_error], [gets, null]);
}

/** What the model writes; the sent schema must allow it. */
function checked(sent: Sent, means: unknown): unknown {
  const written = asWritten(sent, means);
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(sent);
  assert(validate(written), `${JSON.stringify(sent)} does not take ${JSON.stringify(written)}`);
  return written;
}
