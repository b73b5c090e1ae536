/**
 * Records the demo in a real terminal (tmux) and writes what was to be seen to `docs/demo.svg`.
 *
 * ```sh
 * deno run -A docs/capture_demo.ts
 * ```
 *
 * @module
 */
import { type Screen, toSvg } from "./ansi_svg.ts";

const COLUMNS = 100;
const ROWS = 40;
const COMMAND = "npx -y deno task demo";
const PICTURE = new URL("demo.svg", import.meta.url);
const ROOT = new URL("../", import.meta.url);
const INTERVAL_MS = 160;
const LIMIT_MS = 60_000;

if (import.meta.main) {
  const screens = trim(await record());
  const title =
    "An agent run in a terminal: turns and tool calls with their durations, a connection " +
    "that is lost and resumed, the answer, and the proof that nothing was missed";
  await Deno.writeTextFile(PICTURE, toSvg(screens, COLUMNS, title));
  console.log(`${screens.length} screens, ${screens.at(-1)!.at} ms`);
}

/** Types the command at a prompt, and looks at the screen until the prompt is back. */
async function record(): Promise<Screen[]> {
  const session = `demo-${Deno.pid}`;
  const env = ["-e", "PS1=$ ", "-e", "npm_config_loglevel=error", "-e", "TERM=screen-256color"];
  const size = ["-x", String(COLUMNS), "-y", String(ROWS)];
  await tmux("new-session", "-d", "-s", session, ...size, ...env, "bash", "--norc", "--noprofile");
  try {
    while (!(await tmux("capture-pane", "-p", "-t", session)).startsWith("$")) await pause();
    await tmux("send-keys", "-t", session, COMMAND, "Enter");
    const start = performance.now();
    const screens: Screen[] = [];
    for (;;) {
      const at = Math.round(performance.now() - start);
      const screen = await tmux("capture-pane", "-e", "-p", "-t", session);
      const text = screen.trimEnd();
      const isOver = screens.length > 3 && /\n\$$/.test(text);
      screens.push({ at, lines: (isOver ? text.slice(0, -1).trimEnd() : text).split("\n") });
      if (isOver) return screens;
      if (at > LIMIT_MS) throw new Error(`The demo is still running after ${LIMIT_MS} ms`);
      await pause();
    }
  } finally {
    await tmux("kill-session", "-t", session);
  }
}

/** Leaves out the time until something happens, and what stays the same. */
function trim(screens: readonly Screen[]): Screen[] {
  const key = ({ lines }: Screen) => lines.join("\n");
  const first = screens.findIndex((screen) => key(screen).includes("question"));
  const zero = screens[first]!.at - 500;
  return screens.slice(first)
    .filter((screen, index, all) => index === 0 || key(screen) !== key(all[index - 1]!))
    .map(({ at, lines }, index) => ({ at: index === 0 ? 0 : at - zero, lines }));
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
}

async function tmux(...args: string[]): Promise<string> {
  const command = new Deno.Command("tmux", { args: ["-L", "locus-demo", ...args], cwd: ROOT });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(`tmux ${args[0]}: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout);
}
