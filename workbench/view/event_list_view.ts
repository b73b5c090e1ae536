/**
 * The event list: the plain truth in order, with a filter.
 *
 * @module
 */
import { parseEventId } from "../../src/events/identifiers.ts";
import type { StreamEvent } from "../../src/events/stream_event.ts";
import { eventTime } from "../../src/view/event_time.ts";
import { el, setText, show } from "../dom.ts";
import { count, offset } from "../format.ts";
import type { FilteredEvents } from "../model/filtered_events.ts";
import { type EventPhrases, summaryLine } from "../model/summary_line.ts";
import { FollowPill } from "./follow_pill.ts";
import { followScreen } from "./screen_size.ts";
import { VirtualList } from "./virtual_list.ts";

/** What the list is drawn from. */
export interface EventListScreen {
  readonly events: readonly StreamEvent[];
  readonly filtered: FilteredEvents;
  /** Null while they are not loaded. */
  readonly phrases: EventPhrases | null;
  /** How many of them are shown. */
  readonly shown: number;
  /** When the run began. */
  readonly startedAt: number;
  /** The place of the selected event; -1 if none. */
  readonly selected: number;
  readonly emptyText: string;
  /** Whether more is to come. */
  readonly isMoving: boolean;
}

/** The list with its head. */
export class EventListView {
  readonly element: HTMLElement;
  readonly filter: HTMLInputElement;
  readonly list: VirtualList<EventRow>;
  readonly #total = el("span", { class: "count" });
  readonly #empty = el("p", { class: "pane-empty" });
  readonly #pill: FollowPill;
  #screen: EventListScreen | null = null;

  /** `onSelect` is told whether the event was opened, or only passed by the arrow keys. */
  constructor(
    onFilter: (text: string) => void,
    onSelect: (event: StreamEvent, isOpened: boolean) => void,
    onFollow: () => void,
  ) {
    this.filter = el("input", {
      class: "field field-filter",
      attrs: {
        type: "search",
        placeholder: "filter: agent.tool.* or any text",
        "aria-label": "Filter events by type or text",
        spellcheck: "false",
        autocomplete: "off",
      },
      on: { input: () => onFilter(this.filter.value) },
    });
    const select = (row: number, isOpened: boolean) => {
      const event = this.#screen?.events[this.#screen.filtered.placeAt(row)];
      if (event !== undefined) onSelect(event, isOpened);
    };
    this.list = new VirtualList<EventRow>({
      label: "Events of the run",
      className: "event-list",
      rowHeight: ROW_HEIGHT,
      create: createRow,
      fill: (row, index) => this.#fill(row, index),
      onActive: (row) => select(row, false),
      onOpen: (row) => select(row, true),
      onFollow: () => this.#pill.update(this.#screen?.isMoving ?? false),
    });
    followScreen((isSmall) => this.list.setRowHeight(isSmall ? TALL_ROW_HEIGHT : ROW_HEIGHT));
    this.#pill = new FollowPill(this.list, onFollow);
    this.element = el(
      "section",
      { class: "pane pane-events", attrs: { "aria-label": "Events" } },
      el("header", { class: "pane-head" }, el("h2", {}, "Events"), this.#total, this.filter),
      this.list.element,
      this.#empty,
      this.#pill.element,
    );
  }

  update(screen: EventListScreen): void {
    this.#screen = screen;
    const { filtered, shown, selected, emptyText } = screen;
    const length = filtered.length;
    setText(
      this.#total,
      shown === 0
        ? ""
        : filtered.isFiltering
        ? `${count(length)} of ${count(shown)}`
        : count(shown),
    );
    show(this.#empty, length === 0);
    show(this.list.element, length > 0);
    if (length === 0) setText(this.#empty, shown > 0 ? "No event matches the filter." : emptyText);
    this.list.update(length);
    this.#pill.update(screen.isMoving && length > 0);
    const row = selected < 0 ? -1 : filtered.rowOf(selected);
    const isListed = row >= 0 && row < length && filtered.placeAt(row) === selected;
    this.list.select(isListed ? row : -1);
  }

  /** Brings the event at a place into sight. */
  reveal(place: number): void {
    const { filtered } = this.#screen ?? {};
    if (filtered === undefined || place < 0) return;
    this.list.activate(Math.min(filtered.rowOf(place), filtered.length - 1), { silent: true });
  }

  #fill({ parts, dataset }: EventRow, index: number): void {
    const { events, filtered, startedAt, phrases } = this.#screen!;
    const event = events[filtered.placeAt(index)];
    if (event === undefined) return;
    const at = eventTime(event);
    // A gap has neither a place in the log nor a time of its own.
    const place = event.event_type.startsWith("bus.") ? null : parseEventId(event.event_id);
    setText(parts.seq, String(place?.seq ?? "–"));
    setText(parts.at, at === null ? "" : offset(at - startedAt));
    setText(parts.type, event.event_type);
    const { text, tone } = summaryLine(event, phrases);
    setText(parts.text, String(text));
    dataset.tone = tone;
  }
}

class EventRow extends HTMLElement {
  readonly parts = {
    seq: el("span", { class: "event-seq" }),
    at: el("span", { class: "event-at" }),
    type: el("span", { class: "event-type" }),
    text: el("span", { class: "event-text" }),
  };
}

function createRow(): EventRow {
  if (customElements.get("event-row") === undefined) customElements.define("event-row", EventRow);
  const row = new EventRow();
  row.className = "event-row";
  row.append(...Object.values(row.parts));
  return row;
}

const ROW_HEIGHT = 24;
/** Two lines. */
const TALL_ROW_HEIGHT = 44;
