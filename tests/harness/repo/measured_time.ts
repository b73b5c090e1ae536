/// <reference lib="deno.unstable" />
/**
 * The rule `locus/measured-time`: no test measures how long something takes, or compares what was measured. On a busy
 * machine it would fail, and say nothing about the code. Count steps, move a fake clock, or write a bench.
 *
 * It finds
 * - a difference of two moments: `performance.now() - start`;
 * - a comparison of a moment (`Date.now() < limit`), but for the condition of a loop or of `until()`, which waits;
 * - an assertion that compares what is called a duration (`assert(elapsed < 100)`, `assertLess(event.duration_ms, 5)`),
 *   but for one with 0, which says only that it is no nonsense;
 * - a race against a timer: `Promise.race([reply, delay(50)])`, but for one that rejects, so that nothing hangs.
 *
 * @module
 */
type Node = Deno.lint.Node;

/** The rule, for the files of which `isTest` is true. */
export function measuredTime(isTest: (filename: string) => boolean): Deno.lint.Rule {
  return {
    create(context) {
      if (!isTest(context.filename)) return {};
      const known = new KnownNames();
      const found: [node: Node, message: string][] = [];
      const complain = (node: Node, what: string) => found.push([node, `${what}: ${INSTEAD}`]);
      const candidates: (() => void)[] = [];

      return {
        VariableDeclarator({ id, init }) {
          if (id.type === "Identifier" && init) known.learn(id.name, init);
        },
        AssignmentExpression({ left, right }) {
          if (left.type === "Identifier") known.learn(left.name, right);
        },
        BinaryExpression(node) {
          const { left, right, operator } = node;
          candidates.push(() => {
            const isMoment = known.isMoment(left) || known.isMoment(right);
            if (operator === "-" && known.isMoment(left) && !isConstant(right)) {
              complain(node, "This measures a duration");
            } else if (COMPARISONS.has(operator) && isMoment && !isWaitedFor(node)) {
              complain(node, "This compares moments");
            } else if (COMPARISONS.has(operator) && areDurations(left, right) && isAsserted(node)) {
              complain(node, "This compares a duration");
            }
          });
        },
        CallExpression(node) {
          const name = calleeOf(node);
          const [first, second] = node.arguments;
          if (/^assert(?:Less|Greater|AlmostEquals)/.test(name) && first && second) {
            candidates.push(() => {
              if (known.isMoment(first) || known.isMoment(second)) {
                complain(node, "This compares moments");
              } else if (areDurations(first, second)) complain(node, "This compares a duration");
            });
          }
          if (name !== "Promise.race" || first?.type !== "ArrayExpression") return;
          candidates.push(() => {
            if (first.elements.some((element) => known.isTimer(element))) {
              complain(node, "This races against a timer");
            }
          });
        },
        "Program:exit"() {
          for (const check of candidates) check();
          for (const [node, message] of found) context.report({ node, message });
        },
      };
    },
  };
}

const INSTEAD = "count steps, move a fake clock, or write a bench";
const COMPARISONS = new Set(["<", ">", "<=", ">="]);
const CONDITIONS = new Set(["LogicalExpression", "UnaryExpression", "ConditionalExpression"]);
const CLOCKS = new Set([
  "performance.now",
  "Date.now",
  "Bun.nanoseconds",
  "process.hrtime",
  "process.uptime",
  "hrtime.bigint",
]);
const DURATION =
  /^(?:elapsed|took|duration)(?:_?ms|_?s|Seconds|Millis)?$|(?:_duration|_elapsed|Duration|Elapsed)(?:_ms|Ms)?$/i;
const TIMER = /^(?:setTimeout|sleep|delay|wait|timeout|AbortSignal\.timeout)$/;

/** What the names of a file stand for. A name that is used twice counts for both. */
class KnownNames {
  readonly #moments = new Set<string>();
  readonly #timers = new Set<string>();

  learn(name: string, value: Node): void {
    if (this.isMoment(value)) this.#moments.add(name);
    if (this.isTimer(value)) this.#timers.add(name);
  }

  /** Whether this is what a clock said, or so much before or after it. */
  isMoment(node: Node): boolean {
    if (node.type === "Identifier") return this.#moments.has(node.name);
    if (node.type === "CallExpression") return CLOCKS.has(calleeOf(node));
    if (node.type === "TSAsExpression") return this.isMoment(node.expression);
    if (node.type === "TSNonNullExpression") return this.isMoment(node.expression);
    if (node.type !== "BinaryExpression") return false;
    const { left, operator, right } = node;
    if (operator === "-") return this.isMoment(left) && isConstant(right);
    return operator === "+" && (this.isMoment(left) || this.isMoment(right));
  }

  /** Whether this settles after some time. */
  isTimer(node: Node | null): boolean {
    if (node === null) return false;
    if (node.type === "Identifier") return this.#timers.has(node.name);
    if (node.type === "NewExpression") {
      const { callee, arguments: [body] } = node;
      if (callee.type !== "Identifier" || callee.name !== "Promise") return false;
      return (body?.type === "ArrowFunctionExpression" || body?.type === "FunctionExpression") &&
        this.#isTimerInside(body.body);
    }
    if (node.type !== "CallExpression") return false;
    if (TIMER.test(calleeOf(node))) return true;
    // delay(50).then(…)
    return node.callee.type === "MemberExpression" && this.isTimer(node.callee.object);
  }

  #isTimerInside(body: Node | null): boolean {
    if (body === null) return false;
    if (body.type === "BlockStatement") {
      return body.body.some((statement) =>
        statement.type === "ExpressionStatement" && this.#isTimerInside(statement.expression)
      );
    }
    if (body.type === "UnaryExpression") return this.#isTimerInside(body.argument);
    if (body.type === "AssignmentExpression") return this.#isTimerInside(body.right);
    if (body.type !== "CallExpression" || !TIMER.test(calleeOf(body))) return false;
    const [run] = body.arguments;
    return run?.type !== "ArrowFunctionExpression" || run.body.type !== "CallExpression" ||
      calleeOf(run.body) !== "reject";
  }
}

function areDurations(left: Node, right: Node): boolean {
  return (isDuration(left) && !isZero(right)) || (isDuration(right) && !isZero(left));
}

/** Whether an assertion is made of it. */
function isAsserted(node: Node): boolean {
  for (let outer = parentOf(node); outer !== undefined; outer = parentOf(outer)) {
    if (/Function|Program/.test(outer.type)) return false;
    if (outer.type === "CallExpression" && /^(?:assert|expect)/.test(calleeOf(outer))) return true;
  }
  return false;
}

function isDuration(node: Node): boolean {
  if (node.type === "TSNonNullExpression" || node.type === "TSAsExpression") {
    return isDuration(node.expression);
  }
  if (node.type === "CallExpression" && calleeOf(node) === "Number") {
    return node.arguments[0] !== undefined && isDuration(node.arguments[0]);
  }
  if (node.type === "Identifier") return DURATION.test(node.name);
  if (node.type !== "MemberExpression") return false;
  const { property } = node;
  if (property.type === "Identifier") return DURATION.test(property.name);
  return property.type === "Literal" && DURATION.test(String(property.value));
}

function isZero(node: Node): boolean {
  return node.type === "Literal" && node.value === 0;
}

/** A number that is written down: a literal, or a product of such, or a CONSTANT. */
function isConstant(node: Node): boolean {
  if (node.type === "BinaryExpression") return isConstant(node.left) && isConstant(node.right);
  if (node.type === "Identifier") return /^[A-Z][A-Z\d_]*$/.test(node.name);
  return node.type === "Literal";
}

/** Whether a comparison decides only how long is waited. */
function isWaitedFor(node: Node): boolean {
  let [inner, outer]: [Node, Node | undefined] = [node, parentOf(node)];
  while (outer !== undefined && CONDITIONS.has(outer.type)) {
    [inner, outer] = [outer, parentOf(outer)];
  }
  if (outer === undefined) return false;
  switch (outer.type) {
    case "WhileStatement":
    case "DoWhileStatement":
    case "IfStatement": // as in `until()` itself, which gives up
      return outer.test.range[0] === inner.range[0];
  }
  if (outer.type !== "ArrowFunctionExpression") return false;
  const call = parentOf(outer);
  return call?.type === "CallExpression" && /until$/i.test(calleeOf(call));
}

function parentOf(node: Node): Node | undefined {
  return (node as { parent?: Node }).parent;
}

/** The name of what is called, with its object: `performance.now`. */
function calleeOf({ callee }: Deno.lint.CallExpression): string {
  if (callee.type === "Identifier") return callee.name;
  if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return "";
  const { object, property } = callee;
  if (object.type === "Identifier") return `${object.name}.${property.name}`;
  if (object.type !== "MemberExpression" || object.property.type !== "Identifier") {
    return property.name;
  }
  return `${object.property.name}.${property.name}`;
}
