import { test } from "node:test";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  GuardrailsHook,
  type GuardrailsOptions,
  type GuardrailViolation,
  PII_PATTERNS,
} from "../../../src/agent/mod.ts";
import { matchesIn, redact } from "../../../src/agent/hooks/builtin/guardrail_rules.ts";
import { toolCall } from "../../harness/support/scripted_model.ts";
import { agentOf, all, collect, onBus } from "../_support.ts";
import { countingTool } from "./_support.ts";

/** What guardrails make of a prompt, or of one tool call. */
async function guarded(
  options: GuardrailsOptions,
  { prompt = "go", name = "send", args, result = "ok" }: {
    prompt?: string;
    name?: string;
    args?: Record<string, unknown>;
    result?: string;
  },
) {
  const { tool, calls } = countingTool(name, () => result);
  const script = args === undefined ? [["hi"]] : [[toolCall("c1", name, args)], ["done"]];
  const { agent, model } = agentOf(script, { tools: tool, hooks: [new GuardrailsHook(options)] });
  const { events, value } = await onBus(() => agent.invoke(prompt, { throwOnError: false }));
  const triggered = events.filter(({ event_type }) => event_type === "agent.guardrail.triggered")
    .map(({ data }) => [data.rule_name, data.action, data.location]);
  return { triggered, value, calls, model, execution: value.state.tool_executions[0] };
}

test("Personal data in a prompt is only noted, unless that is asked for", async () => {
  const prompt = "Write to ann@example.com";
  const { triggered, value } = await guarded({}, { prompt });
  assertEquals(triggered, [["pii_email", "warn", "input"]]);
  assertEquals(value.success, true);
  assertEquals(value.state.metadata.guardrail_violations, [{
    rule_name: "pii_email",
    description: "Personal data: email",
    action: "warn",
    location: "input",
  }]);

  const blocked = await guarded({ actionOverrides: { pii_email: "block" } }, { prompt });
  assertEquals(blocked.value.stop_reason, "error");
  assertEquals(
    blocked.value.error,
    "GuardrailError: Blocked by guardrail pii_email: " +
      "Personal data: email",
  );
});

test("Personal data in a prompt is taken out before the model sees it, if asked for", async () => {
  const { model } = await guarded({ actionOverrides: { pii_email: "redact" } }, {
    prompt: "Write to ann@example.com and bob@example.com",
  });
  const seen = JSON.stringify(model.calls[0]!.prompt);
  assertStringIncludes(seen, "Write to [REDACTED_EMAIL] and [REDACTED_EMAIL]");
});

test("A prompt that is too long is refused before the model is called", async () => {
  const { triggered, value, model } = await guarded({ maxPromptLength: 10 }, {
    prompt: "x".repeat(11),
  });
  assertEquals(triggered, [["max_prompt_length", "block", "input"]]);
  assertEquals([value.stop_reason, model.calls.length], ["error", 0]);
});

test("Attacks in the arguments of a tool cancel the call, and the run goes on", async () => {
  const attacks: [text: string, rule: string][] = [
    ["'; DROP TABLE users", "blocked_sql_injection"],
    ["../../etc/passwd", "blocked_path_traversal"],
    ["a.txt; rm -rf /", "blocked_command_injection"],
  ];
  for (const [text, rule] of attacks) {
    const { triggered, calls, value, execution } = await guarded({}, { args: { deep: [text] } });
    assertEquals(triggered, [[rule, "block", "tool_args"]]);
    assertEquals([calls.length, value.success], [0, true]);
    assertStringIncludes(execution!.result!, `Blocked by guardrail ${rule}: `);
  }
});

test("Personal data in arguments is taken out however deep it is, if asked for", async () => {
  const { calls, execution } = await guarded({ defaultAction: "redact" }, {
    args: { to: "ann@example.com", cc: [{ mail: "bob@example.com" }], n: 1 },
  });
  const expected = { to: "[REDACTED_EMAIL]", cc: [{ mail: "[REDACTED_EMAIL]" }], n: 1 };
  assertEquals(calls, [expected]);
  assertEquals(execution!.arguments, expected);
});

test("Personal data in arguments blocks the call by default", async () => {
  const { triggered, calls } = await guarded({}, { args: { ssn: "123-45-6789" } });
  assertEquals([triggered, calls.length], [[["pii_ssn", "block", "tool_args"]], 0]);
});

test("Tool results are only noted by default, and redacted, cut or replaced if asked for", async () => {
  const result = "Call 555-123-4567";
  const args = {};
  const noted = await guarded({}, { args, result });
  assertEquals(noted.triggered, [["pii_phone_us", "warn", "tool_result"]]);
  assertEquals(noted.execution!.result, result);

  const redacted = await guarded({ defaultAction: "redact" }, { args, result });
  assertEquals(redacted.execution!.result, "Call [REDACTED_PHONE_US]");

  const cut = await guarded({ maxToolResultLength: 4, defaultAction: "redact" }, {
    args,
    result: "abcdefgh",
  });
  assertEquals(cut.execution!.result, "abcd\n[truncated: 8 characters in full]");

  const blocked = await guarded({ defaultAction: "block" }, { args, result });
  assertEquals(
    blocked.execution!.result,
    "Blocked by guardrail pii_phone_us: Personal data: phone us",
  );
});

test("allowOnlyTools lets nothing else pass", async () => {
  const { triggered, calls } = await guarded({ allowOnlyTools: ["read"] }, { args: {} });
  assertEquals([triggered, calls.length], [[["tool_not_allowed", "block", "tool_args"]], 0]);
});

test("onToolViolation: throw ends the run, with the call complete", async () => {
  const { value, execution } = await guarded({ onToolViolation: "throw" }, {
    name: "rm",
    args: {},
  });
  assertEquals(value.stop_reason, "error");
  assertStringIncludes(execution!.error!, "GuardrailError: Blocked by guardrail blocked_tool");
});

test("onViolation gets what matched, but not what attacks", async () => {
  const seen: GuardrailViolation[] = [];
  await guarded({ defaultAction: "warn", onViolation: (violation) => void seen.push(violation) }, {
    prompt: "ann@example.com bob@example.com 10.0.0.1 ../x",
  });
  assertEquals(seen.map(({ rule_name, matched_content }) => [rule_name, matched_content]), [
    ["blocked_path_traversal", null],
    ["pii_email", "2 matches"],
    ["pii_ip_address", "10.0.0.1"],
  ]);
});

test("PII_PATTERNS find what they are named after, and not what looks alike", () => {
  const found: Record<string, string[]> = {
    email: ["ann.b+c@mail.example.co.uk"],
    phone_us: ["555-123-4567", "(555) 123-4567", "+1 555.123.4567"],
    ssn: ["123-45-6789"],
    credit_card: ["4111 1111 1111 1111", "4111111111111111", "378282246310005"],
    ip_address: ["192.168.0.1"],
  };
  for (const [name, texts] of Object.entries(found)) {
    for (const text of texts) {
      assertEquals(matchesIn(`is ${text}, yes`, PII_PATTERNS[name]!), [text], `${name}: ${text}`);
    }
  }
  const harmless = "R&D; v1.2.3.4.5 at 12:30, 2026-01-02, order 1234567890, 300.1.1.1, a@b";
  assertEquals(redactAll(harmless), harmless);
});

function redactAll(text: string): string {
  const patterns = Object.entries(PII_PATTERNS);
  return patterns.reduce((rest, [name, pattern]) => redact(rest, name, pattern), text);
}

test("Every pattern comes to an end on a long text", () => {
  const hostile = ["a", "1", "1-", "a.", "a@", "1 ", "../", "(", "a@a."];
  // So long that anything worse than in proportion would not end.
  for (const piece of hostile) {
    const text = piece.repeat(1_000_000 / piece.length);
    assert(redactAll(text).length > 0);
  }
});

test("GuardrailsHook checks its options", () => {
  const refused: [options: object, message: string][] = [
    [{ defaultAction: "BLOCK" }, '"defaultAction" must be one of "block", "warn"'],
    [{ actionOverrides: { pii_email: "no" } }, '"actionOverrides.pii_email" must be one of'],
    [{ blockDangerousTools: "rm" }, '"blockDangerousTools" must be a set or array of names'],
    [{ piiPatterns: { email: "@" } }, '"piiPatterns" must hold regular expressions'],
    [{ topicPolicy: {} }, 'unknown option "topicPolicy"'],
  ];
  for (const [options, message] of refused) {
    assertThrows(() => new GuardrailsHook(options), TypeError, `GuardrailsHook: ${message}`);
  }
});

test("A guardrail's event has a plain action and comes before what follows", async () => {
  const { agent } = agentOf([["hi"]], { hooks: [new GuardrailsHook({ maxPromptLength: 1 })] });
  const { events } = await onBus(() => collect(agent.run("go")));
  assertEquals(events.map(({ event_type, data }) => [event_type, data.action ?? null]), [
    ["agent.guardrail.triggered", "block"],
    ["agent.terminate", null],
  ]);
});

test("Default guardrails let ordinary prompts pass, and block no run for a tool", async () => {
  for (const prompt of ["What is R&D?", "first; then", "run `ls`", "ask ann@example.com"]) {
    const { agent } = agentOf([["hi"]], { hooks: [new GuardrailsHook()] });
    assertEquals((await agent.invoke(prompt)).success, true, prompt);
  }
  const { agent } = agentOf([[toolCall("c1", "rm", {})], ["done"]], {
    tools: countingTool("rm").tool,
    hooks: [new GuardrailsHook()],
  });
  const { events, error } = await collect(agent.run("go"));
  assertEquals([error, all(events, "tool_complete").length], [null, 1]);
});
