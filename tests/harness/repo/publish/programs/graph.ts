/** What the compiler says of graphs: what is right compiles, and each mistake is refused where it is written. */
import { channel, END, goto, graph, send, START } from "@locus/core/graph";

const state = {
  topic: channel(""),
  drafts: channel.append<string>(),
  n: channel.add(),
  verdict: channel<string>(),
};

const right = graph({
  state,
  nodes: {
    write: (s) => ({ drafts: `About ${s.topic}, ${s.drafts.length}`, n: 1 }),
    judge: async (s, ctx) => {
      await ctx.once("x", () => 1);
      return s.n > 1 ? { verdict: "fine" } : ctx.goto("write");
    },
    publish: { run: () => {}, timeoutMs: 5000 },
  },
  edges: { [START]: "write", write: "judge", judge: (s) => s.n > 3 ? END : "publish" },
});

const { state: { verdict, drafts } } = await right.execute({ topic: "gaps" });
const text: string | undefined = verdict;
if (text !== "fine" || drafts.length !== 2) throw new Error(`came to ${text}`);
console.log("ok graph");

/** The text of a type that has nothing but its reason. */
type Reason<T> = T extends { readonly refused: infer R } ? R : never;

/** Never called: what is not seen by the compiler is refused at run time as well. */
export function wrong(): void {
  const a = () => ({});
  // @ts-expect-error There is no node "c".
  graph({ state, nodes: { a }, edges: { [START]: "a", a: "c" } });
  // @ts-expect-error There is no node "zz".
  graph({ state, nodes: { a }, edges: { [START]: "a", zz: "a" } });
  // @ts-expect-error Nothing leads from START.
  graph({ state, nodes: { a }, edges: { a: END } });
  // @ts-expect-error A router names no node.
  graph({ state, nodes: { a }, edges: { [START]: "a", a: (s) => s.topic ? "nope" : END } });
  // @ts-expect-error An unknown key beside a right one.
  graph({ state, nodes: { a: () => ({ topic: "x", topik: "y" }) }, edges: { [START]: "a" } });
  // @ts-expect-error The same in an async node.
  graph({ state, nodes: { a: async () => ({ topik: await "y" }) }, edges: { [START]: "a" } });
  // @ts-expect-error The same with options.
  graph({ state, nodes: { a: { run: () => ({ n: 1, topik: "y" }) } }, edges: { [START]: "a" } });
  // @ts-expect-error The same in one of two results.
  graph({ state, nodes: { a: (s) => s.n ? { n: 1 } : { topik: "y" } }, edges: { [START]: "a" } });
  // @ts-expect-error The same in a command of the context.
  graph({ state, nodes: { a: (_, c) => c.goto("a", { topik: "y" }) }, edges: { [START]: "a" } });
  // @ts-expect-error The same in a command.
  graph({ state, nodes: { a: () => goto("a", { topik: 1 }) }, edges: { [START]: "a" } });
  // @ts-expect-error The wrong type of an update.
  graph({ state, nodes: { a: () => ({ topic: 5 }) }, edges: { [START]: "a" } });
  // @ts-expect-error A field that there is not.
  graph({ state, nodes: { a: (s) => ({ topic: s.nope }) }, edges: { [START]: "a" } });
  // @ts-expect-error A command to nowhere.
  graph({ state, nodes: { a: (_, c) => c.goto("nope") }, edges: { [START]: "a" } });
  // @ts-expect-error A send to nowhere.
  graph({ state, nodes: { a: () => send("nope") }, edges: { [START]: "a" } });
  // @ts-expect-error A list of sends to nowhere.
  graph({ state, nodes: { a: (_, c) => [c.send("nope")] }, edges: { [START]: "a" } });
  const clash = graph({
    state,
    nodes: { a, b: () => ({ verdict: "1" }), c: () => ({ verdict: "2" }) },
    edges: { [START]: "a", a: ["b", "c"] },
  });
  const reason: Reason<typeof clash> =
    'nodes of one step all write "verdict": give it a reducer, or channel.last()';
  // @ts-expect-error Two nodes of one step write "verdict".
  clash.invoke(reason);
}
