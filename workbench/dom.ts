/**
 * Making elements. Whatever comes from an event goes in as text: nothing here takes markup, and nothing
 * sets an address.
 *
 * @module
 */

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
  for (const name in attrs) element.setAttribute(name, attrs[name]!);
  for (const type in on) element.addEventListener(type, on[type]!);
  element.append(...children);
  return element;
}

/** Sets text only where it changed, so that nothing is laid out again for nothing. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

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
  if (value === null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
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
