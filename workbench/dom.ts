/**
 * Making elements. Whatever comes from an event goes in as text: nothing here takes markup, and nothing
 * sets an address. All text of the page passes here, so that what would turn the reading order, or hide, is shown
 * as a mark wherever it stands.
 *
 * @module
 */
import { visibleLines } from "../src/view/visible.ts";

/** What an element can be given besides its children. */
export interface Props {
  class?: string;
  /** Other attributes; the names come from the code, never from data. */
  attrs?: Readonly<Record<string, string>>;
  on?: Readonly<Record<string, (event: Event) => void>>;
}

/** An element with its children; strings become text. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  { class: className, attrs = {}, on = {} }: Props = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className !== undefined) element.className = className;
  for (const name in attrs) element.setAttribute(name, visibleLines(attrs[name]!));
  for (const type in on) element.addEventListener(type, on[type]!);
  for (const child of children) {
    element.append(...(typeof child === "string" ? textOf(visibleLines(child)) : [child]));
  }
  return element;
}

/** Sets text only where it changed, so that nothing is laid out again for nothing. */
export function setText(element: Element, text: string): void {
  const shown = visibleLines(text);
  if (element.textContent !== shown) element.replaceChildren(...textOf(shown));
}

/** Adds the rules of a part of the page that is loaded later. */
export function addRules(rules: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets.push(sheet);
}

/** Sets the title of the page. */
export function setTitle(text: string): void {
  const shown = visibleLines(text);
  if (document.title !== shown) document.title = shown;
}

/**
 * Text as nodes. Our lines are made of parts with dots between them; where one is written from right to left, each
 * is set by itself, or else it would turn the numbers that follow it.
 */
function textOf(text: string): (Node | string)[] {
  if (!RIGHT_TO_LEFT.test(text)) return [text];
  return text.split(SEPARATOR).flatMap((part, index) => {
    const isolated = document.createElement("bdi");
    // The line is cut at its right end, so each part has to begin at its left.
    isolated.dir = "ltr";
    isolated.append(part);
    return index === 0 ? [isolated] : [SEPARATOR, isolated];
  });
}

const SEPARATOR = " · ";
/** Hebrew, Arabic and the other scripts that are written so. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Sets or takes away a class, an attribute or a property by one condition. */
export function toggle(element: Element, className: string, isOn: boolean): void {
  element.classList.toggle(className, isOn);
}

/** Shows or hides, also from screen readers. */
export function show(element: HTMLElement, isShown: boolean): void {
  if (element.hidden === isShown) element.hidden = !isShown;
}

/** Sets an attribute only where it changed; null takes it away. */
export function setAttr(element: Element, name: string, value: string | null): void {
  const shown = value === null ? null : visibleLines(value);
  if (shown === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== shown) element.setAttribute(name, shown);
}

/** A push button with a name that is read aloud and shown on hover. */
export function button(
  label: string,
  content: Node | string,
  onClick: () => void,
  className = "button",
): HTMLButtonElement {
  return el("button", {
    class: className,
    attrs: { type: "button", "aria-label": label, title: label },
    on: { click: onClick },
  }, content);
}
