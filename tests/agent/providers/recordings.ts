/** The recordings, and who plays them. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import {
  requires,
  sharedFolder,
  type SkipOptions,
  skipWhen,
} from "../../harness/support/requires.ts";
import { anthropicMessages } from "./anthropic_messages.ts";
import { openAiChat } from "./openai_chat.ts";
import { openAiResponses } from "./openai_responses.ts";
import { type Answer, type Client, parseLines, type Wire } from "./wire.ts";

/** One response of a provider. */
export interface Recording {
  readonly name: string;
  readonly wire: Wire;
  readonly lines: readonly string[];
  readonly answer: Answer;
}

/** A recording, and a client that reads it. */
export interface Play extends Recording {
  readonly client: Client;
}

/**
 * The recording in a file of this name: `<wire>.<whatever>.chunks.txt`.
 *
 * @throws {Error} If no reader knows its wire.
 */
export function toRecording(fileName: string, text: string): Recording {
  const name = fileName.replace(/\.chunks\.txt$/, "");
  const wire = wires.find((wire) => name.startsWith(`${wire.name}.`));
  if (wire === undefined) {
    const known = wires.map((wire) => wire.name).join(", ");
    throw new Error(`${fileName}: its wire must be one of ${known}`);
  }
  return recordingOf(name, wire, text.split("\n").filter((line) => line.trim() !== ""));
}

/** The recording with its lines changed. */
export function recordingOf(name: string, wire: Wire, lines: readonly string[]): Recording {
  return { name, wire, lines, answer: wire.read(lines) };
}

/** The same with every client that speaks the wire. */
export function playsOf(recording: Recording): Play[] {
  const { wire, lines } = recording;
  return wire.clients
    .filter((client) => client.accepts === undefined || client.accepts(lines))
    .map((client) => ({ ...recording, client }));
}

/** Registers a test for each play that it `accepts`, or a skipped one if there is none. */
export function testPlays(
  title: string,
  accepts: (play: Play) => boolean,
  run: (play: Play) => Promise<void>,
  candidates: readonly Play[] = plays,
): void {
  const accepted = candidates.filter(accepts);
  for (const play of accepted) {
    test(`${play.name} through ${play.client.name}: ${title}`, () => run(play));
  }
  if (accepted.length > 0) return;
  test(title, needed.skip ? needed : skipWhen(true, "no recording is of that kind"), () => {});
}

/** A short answer in text, to be read by the same client: a recorded one, if there is one. */
export function finalAnswer({ wire, client }: Play): Play {
  const recorded = plays
    .filter((play) => play.wire === wire && play.client === client && isWhole(play))
    .filter(({ answer }) => answer.toolCalls.length === 0 && answer.texts.length > 0)
    .sort((a, b) => a.lines.length - b.lines.length);
  return recorded[0] ?? { ...madeUp(wire), client };
}

/** A short answer that nobody recorded. */
export function madeUp(wire: Wire): Recording {
  return recordingOf(`made-up.${wire.name}`, wire, wire.say("Done."));
}

/** Whether the provider finished what it had to say. */
export function isWhole({ answer }: Recording): boolean {
  return answer.complete && !answer.failed;
}

/** Whether the agent has tools to call, and goes on after that. */
export function callsTools(play: Recording): boolean {
  return isWhole(play) && play.answer.toolCalls.length > 0;
}

/** Whether all calls are such as tools of an agent can take. */
export function callsFunctions(play: Recording): boolean {
  return isWhole(play) && play.answer.toolCalls.every((call) => call.arguments !== null);
}

/** Whether tools of an agent are called, and nothing else. */
export function answersTools(play: Recording): boolean {
  return callsTools(play) && callsFunctions(play);
}

/** Every wire that there is a reader for. */
export const wires: readonly Wire[] = [anthropicMessages, openAiChat, openAiResponses];

// Recordings of your own can be played instead.
const folder = process.env["LOCUS_RECORDINGS"] === undefined
  ? new URL("fixtures/provider-streams/", sharedFolder())
  : pathToFileURL(`${process.env["LOCUS_RECORDINGS"]}/`);

const needed: SkipOptions = existsSync(folder) ? { skip: false } : await requires("shared");

/** Every recording in the folder, with every client. */
export const plays: readonly Play[] = readFolder().flatMap(playsOf);

function readFolder(): Recording[] {
  if (needed.skip) return [];
  return readdirSync(folder).filter((name) => name.endsWith(".chunks.txt")).sort()
    .map((name) => toRecording(name, readFileSync(new URL(name, folder), "utf8")))
    .flatMap((recording) => [recording, ...mended(recording)]);
}

/** Recordings whose lines lost their last brace on the way are played as they are, and as they were. */
function mended({ name, wire, lines }: Recording): Recording[] {
  const values = parseLines(lines);
  if (!values.includes(null)) return [];
  const whole = lines.map((line, index) => values[index] === null ? `${line}}` : line);
  return parseLines(whole).includes(null) ? [] : [recordingOf(`${name} (mended)`, wire, whole)];
}
