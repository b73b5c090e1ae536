import process from "node:process";
import { ClientError } from "../client/mod.ts";
import { readArguments } from "./arguments.ts";
import { type Command, helpOf } from "./command.ts";
import { completionCommand } from "./commands/completion.ts";
import { eventsCommand } from "./commands/events.ts";
import { exportCommand } from "./commands/export.ts";
import { importCommand } from "./commands/import.ts";
import { recordCommand } from "./commands/record.ts";
import { replayCommand } from "./commands/replay.ts";
import { runsCommand } from "./commands/runs.ts";
import { tailCommand } from "./commands/tail.ts";
import { CliError, EXIT, UsageError } from "./exit_code.ts";
import { didYouMean } from "../core/nearest.ts";
import { flush, say, write } from "./output.ts";
import { endings, exitOnBrokenPipe } from "./screen/terminal.ts";
import { VERSION } from "./version.ts";

const COMMANDS: Readonly<Record<string, Command>> = {
  tail: tailCommand,
  runs: runsCommand,
  record: recordCommand,
  export: exportCommand,
  replay: replayCommand,
  import: importCommand,
  events: eventsCommand,
  completion: completionCommand(() => COMMANDS),
};

/**
 * Runs the command of the arguments, and ends this process with one of the exit codes that `--help` lists.
 *
 * - **Ctrl-C** closes the connection, leaves the last picture to stand, and ends with 130; a second one ends at
 *   once.
 * - **A closed pipe** ends it quietly.
 *
 * @param args The words after the program's name.
 */
export async function runProgram(args: readonly string[]): Promise<never> {
  exitOnBrokenPipe();
  const stop = new AbortController();
  let stopped: number | null = null;
  for (const [signal, code] of endings()) {
    process.on(signal, () => {
      if (stopped !== null) process.exit(stopped);
      stopped = code;
      stop.abort();
      // A pipe that is full and not read must not keep the program from ending.
      setTimeout(() => process.exit(code), GRACE_MS).unref();
    });
  }
  const code = await runCommand(args, stop.signal);
  await flush();
  process.exit(stopped ?? code);
}

/** Runs the command of the arguments. @returns The exit code. */
async function runCommand(args: readonly string[], signal: AbortSignal): Promise<number> {
  // Deno hands on the `--` that stands before a task's arguments.
  const [name, ...rest] = args[0] === "--" ? args.slice(1) : args;
  try {
    if (name === "--version" || name === "-v") {
      await write(`${VERSION}\n`);
      return EXIT.done;
    }
    if (name === undefined || name === "--help" || name === "-h" || name === "help") {
      await write(overview());
      return name === undefined ? EXIT.usage : EXIT.done;
    }
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command === undefined) {
      const known = [...Object.keys(COMMANDS), "--help", "--version"];
      const hint = didYouMean(name, known) || "; see locus --help";
      throw new UsageError(`there is no command "${name}"${hint}`);
    }
    if (rest.some((word) => word === "--help" || word === "-h")) {
      await write(helpOf(command));
      return EXIT.done;
    }
    return await command.run(readArguments(rest, command), signal);
  } catch (error) {
    if (signal.aborted) return EXIT.done;
    say(`locus: ${reasonOf(error)}`);
    return error instanceof CliError ? error.exitCode : EXIT.failed;
  }
}

const GRACE_MS = 1_000;

function reasonOf(error: unknown): string {
  if (error instanceof ClientError) {
    if (error.status === 401 || error.status === 403 || error.status === 404) {
      return `${error.message}: it is not there, or you may not read it (--header "Authorization: …")`;
    }
    return error.message;
  }
  return error instanceof Error ? error.message : String(error);
}

function overview(): string {
  const usages = Object.values(COMMANDS).map(({ usage, summary }) =>
    `  locus ${usage}\n      ${summary}`
  );
  return `Locus shows what an AI agent is doing while it does it.

${usages.join("\n")}

  locus <command> --help    more of a command
  locus --version           ${VERSION}

Exit codes: 0 done, 1 a server or a file stood in the way, 2 wrong arguments, 3 the run failed,
4 events are missing from a recording, 130 Ctrl-C.
NO_COLOR, TERM=dumb, a pipe or a terminal of less than 60 columns: plain lines instead of a picture.
`;
}
