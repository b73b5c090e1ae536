import type { Branch, RowTree } from "./row_tree.ts";
import type { PictureSpan, PictureTurn, SpanRole } from "./picture_rows.ts";
import { cutText } from "./turn_text.ts";

/** What is known of an agent, by the span that it is, or of the one that works at the top of the run. */
interface AgentTurns {
  /** Its latest model call; null before the first. */
  turn: PictureTurn | null;
  /** Its latest model call that is part of its conversation. */
  spoken: PictureTurn | null;
  /** Whether the agent has said what that call came to. */
  hasThought: boolean;
  /** When it was last active; null if it may have been idle since. */
  activeAt: number | null;
}

/** A model call that begins, as far as it is known. */
export interface NewTurn {
  readonly spanId: string | null;
  readonly model: string;
  /** Null for the one after the agent's latest. */
  readonly iteration: number | null;
}

/** The model calls of the agents of a run. */
export class ModelTurns {
  /** The latest turn. */
  latest: PictureTurn | null = null;
  readonly #tree: RowTree;
  readonly #agents = new Map<PictureSpan | null, AgentTurns>();
  readonly #byId = new Map<string, PictureTurn>();
  readonly #running = new Set<PictureTurn>();
  /** Turns whose texts are kept at length. */
  readonly #verbose = new Set<PictureTurn>();

  constructor(tree: RowTree) {
    this.#tree = tree;
  }

  /** The model call of that id. */
  byId(id: string): PictureTurn | null {
    return this.#byId.get(id) ?? null;
  }

  /** Adds a model call of an agent. */
  add(
    place: Branch | null,
    { spanId, model, iteration }: NewTurn,
    at: number,
    eventId: string | null,
  ): PictureTurn {
    const agent = this.#agentIn(agentOf(place));
    const turn = this.#tree.add<PictureTurn>({
      kind: "turn",
      spanId,
      model,
      iteration: iteration ?? (agent.turn === null ? 0 : agent.turn.iteration + 1),
      state: "running",
      error: "",
      startedAt: at,
      endedAt: null,
      durationMs: null,
      startEventId: eventId,
      endEventId: null,
      text: "",
      textLeftOut: 0,
      textIsPreview: false,
      textHasGap: false,
      firstTokenAt: null,
      isAnswer: false,
      tokens: 0,
      promptTokens: 0,
      completionTokens: 0,
      children: [],
      leftOut: 0,
    }, place);
    if (spanId !== null) this.#byId.set(spanId, turn);
    this.#running.add(turn);
    this.#shorten(turn);
    return agent.turn = turn;
  }

  /** The turn that an agent of a recording without model spans is at work on: a new one, if its last is complete. */
  open(place: Branch | null, at: number, eventId: string): PictureTurn {
    const { turn, activeAt } = this.#agentIn(agentOf(place));
    if (turn?.state === "running") return turn;
    const isKnown = { spanId: null, model: "", iteration: null };
    return this.add(place, isKnown, Math.min(at, activeAt ?? at), eventId);
  }

  /** Notes that a turn is part of its agent's conversation. */
  speak(turn: PictureTurn): void {
    const agent = this.#agentIn(agentOf(turn.parent));
    if (agent.spoken !== turn) agent.hasThought = false;
    agent.spoken = turn;
    this.latest = turn;
  }

  /** Notes that an agent has said what its latest turn came to. */
  think(place: Branch | null): void {
    this.#agentIn(agentOf(place)).hasThought = true;
  }

  /** Whether it has. */
  hasThought(place: Branch | null): boolean {
    return this.#agents.get(agentOf(place))?.hasThought ?? false;
  }

  /** The latest turn of an agent's conversation: what it asks for hangs there. */
  last(place: Branch | null): PictureTurn | null {
    return this.#agents.get(agentOf(place))?.spoken ?? null;
  }

  /** Notes when an agent was last active; null if it may be idle from now on. */
  noteActivity(place: Branch | null, at: number | null): void {
    this.#agentIn(agentOf(place)).activeAt = at;
  }

  /** Ends a turn. @param durationMs How long it took, if an event says so. */
  end(
    turn: PictureTurn,
    state: "done" | "failed" | "lost",
    at: number,
    eventId: string | null,
    durationMs: number | null = state === "lost" ? null : at - turn.startedAt,
  ): void {
    if (turn.state !== "running") return;
    this.#running.delete(turn);
    turn.state = state;
    turn.endedAt = durationMs === null ? at : Math.min(at, turn.startedAt + durationMs);
    turn.durationMs = durationMs;
    turn.endEventId = eventId;
    this.#tree.touch(turn);
  }

  /** Those that are not complete. */
  get running(): PictureTurn[] {
    return [...this.#running];
  }

  /** Lets go of what was left out of the picture, or is over. */
  forget(row: PictureTurn | PictureSpan): void {
    if (row.kind === "span") return void this.#agents.delete(row);
    this.#verbose.delete(row);
    this.#running.delete(row);
    if (row.spanId !== null && this.#byId.get(row.spanId) === row) this.#byId.delete(row.spanId);
    if (this.latest === row) this.latest = null;
    const agent = this.#agents.get(agentOf(row.parent));
    if (agent?.turn === row) agent.turn = null;
    if (agent?.spoken === row) agent.spoken = null;
  }

  #agentIn(place: PictureSpan | null): AgentTurns {
    let agent = this.#agents.get(place);
    if (agent === undefined) {
      agent = { turn: null, spoken: null, hasThought: false, activeAt: place?.startedAt ?? null };
      this.#agents.set(place, agent);
    }
    return agent;
  }

  /** The texts of the latest turns are kept at length: those of all turns of a long run would be a book. */
  #shorten(turn: PictureTurn): void {
    this.#verbose.add(turn);
    const [oldest] = this.#verbose;
    if (this.#verbose.size <= MAX_VERBOSE || oldest === undefined) return;
    this.#verbose.delete(oldest);
    cutText(oldest, SHORT_TEXT);
  }
}

/** The span of the agent that a line belongs to: around it, or around the nodes of the graph that it is. */
function agentOf(place: Branch | null): PictureSpan | null {
  while (place?.kind === "turn") place = place.parent;
  let around: Branch | null = place;
  while (around?.kind === "span" && INSIDE_OF_AGENTS.includes(around.role)) around = around.parent;
  return around?.kind === "span" && around.role === "agent" ? around : place;
}

const INSIDE_OF_AGENTS: readonly SpanRole[] = ["node", "span"];

const MAX_VERBOSE = 50;
const SHORT_TEXT = 1_000;
