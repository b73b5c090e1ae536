/// <reference lib="deno.unstable" />
/**
 * Rules of this project that a linter can see. `deno lint` loads them through deno.json.
 *
 * - `locus/runtime-names`: in `src`, only `src/runtime` may name a runtime; `src/cli`, which is a program, may
 *   use the `node:` modules, because every runtime that has programs has them.
 * - `locus/other-realms`: in `src`, built-in objects are told by `src/runtime/realm.ts`, as their classes are others in
 *   another realm (an edge runtime, jsdom, a frame).
 * - `locus/double-assertion`: no `as unknown as`, which silences the type checker.
 * - `locus/plain-tests`: a test file takes only `test` from `node:test`, skips only through
 *   `tests/harness/support/requires.ts`, so that it runs unchanged on every runtime, and takes fast-check with the seed
 *   that CI sets.
 * - `locus/measured-time`: in `tests`, nothing measures or compares durations (`measured_time.ts`).
 *
 * @module
 */
import { root } from "../run/paths.ts";
import { measuredTime } from "./measured_time.ts";

/** Globals that not every runtime has, or that stand for one of them. */
const runtimeNames = new Set(["Deno", "Bun", "process", "Buffer", "require", "__dirname"]);

/** Classes of the platform whose objects users hand in. */
const platformClasses =
  /^(AbortSignal|ArrayBuffer|DOMException|Date|(Range|Type)?Error|Headers|Map|Promise|(Readable|Writable)Stream|RegExp|Request|Response|Set|URL|\w+Array)$/;

/** Programs beside the tests that say how long something took. */
const MEASURE = [
  "tests/harness/run",
  "tests/harness/repo",
  "tests/harness/faults",
  "tests/workbench/frame_times.ts",
  // Random schedules are played for a time, not to a number.
  "tests/transports/faults/play.ts",
  "tests/transports/faults/play_many.ts",
];

const plugin: Deno.lint.Plugin = {
  name: "locus",
  rules: {
    "runtime-names": {
      create(context) {
        if (!isIn(context.filename, "src") || isIn(context.filename, "src/runtime")) return {};
        const isProgram = isIn(context.filename, "src/cli");
        const complain = (node: Deno.lint.Node, name: string) => {
          if (isProgram && (name === "process" || name.startsWith("node:"))) return;
          context.report({ node, message: `${name} belongs into src/runtime` });
        };
        const checkSource = (node: Deno.lint.Node, source: unknown) => {
          if (typeof source === "string" && source.startsWith("node:")) complain(node, source);
        };
        return {
          ImportDeclaration: (node) => checkSource(node, node.source.value),
          ExportNamedDeclaration: (node) => checkSource(node, node.source?.value),
          ExportAllDeclaration: (node) => checkSource(node, node.source.value),
          ImportExpression(node) {
            if (node.source.type === "Literal") checkSource(node, node.source.value);
          },
          MemberExpression(node) {
            const { object, property } = node;
            if (object.type !== "Identifier" || property.type !== "Identifier") return;
            if (runtimeNames.has(object.name)) complain(node, object.name);
            if (object.name === "globalThis" && runtimeNames.has(property.name)) {
              complain(node, `globalThis.${property.name}`);
            }
          },
          UnaryExpression(node) {
            if (node.operator !== "typeof" || node.argument.type !== "Identifier") return;
            if (runtimeNames.has(node.argument.name)) complain(node, node.argument.name);
          },
        };
      },
    },
    "other-realms": {
      create(context) {
        // The program is alone in its realm.
        const { filename } = context;
        if (!isIn(filename, "src") || isIn(filename, "src/cli")) return {};
        return {
          BinaryExpression(node) {
            const { operator, right } = node;
            if (operator !== "instanceof" || right.type !== "Identifier") return;
            if (isIn(filename, "src/runtime") || !platformClasses.test(right.name)) return;
            context.report({ node, message: `tell a ${right.name} by src/runtime/realm.ts` });
          },
        };
      },
    },
    "double-assertion": {
      create(context) {
        return {
          TSAsExpression(node) {
            const { expression } = node;
            if (expression.type !== "TSAsExpression") return;
            if (expression.typeAnnotation.type !== "TSUnknownKeyword") return;
            context.report({ node, message: "`as unknown as` hides what the types are" });
          },
        };
      },
    },
    "measured-time": measuredTime((filename) =>
      isIn(filename, "tests") && !MEASURE.some((place) => isIn(filename, place))
    ),
    "plain-tests": {
      create(context) {
        if (!context.filename.endsWith("_test.ts")) return {};
        return {
          ImportDeclaration(node) {
            if (node.source.value === "fast-check") {
              context.report({ node, message: "Take fc from tests/harness/support/property.ts" });
            }
            if (node.source.value !== "node:test") return;
            const names = node.specifiers.map(({ local }) => local.name);
            if (names.join() === "test") return;
            context.report({ node, message: "Take only `test` from node:test" });
          },
          CallExpression(node) {
            const { callee } = node;
            if (callee.type !== "MemberExpression" || callee.object.type !== "Identifier") return;
            if (callee.object.name !== "test" || callee.property.type !== "Identifier") return;
            if (!["only", "skip", "todo"].includes(callee.property.name)) return;
            context.report({ node, message: `test.${callee.property.name}() hides tests` });
          },
          "CallExpression[callee.name='test'] > ObjectExpression > Property"(
            node: Deno.lint.Property,
          ) {
            if (node.key.type !== "Identifier") return;
            if (!["only", "skip", "todo"].includes(node.key.name)) return;
            const message =
              "Skip through requires() or skipWhen() of tests/harness/support/requires.ts";
            context.report({ node, message });
          },
        };
      },
    },
  },
};

export default plugin;

function isIn(filename: string, folder: string): boolean {
  return `${filename.replaceAll("\\", "/")}/`.startsWith(`${root}${folder}/`);
}
