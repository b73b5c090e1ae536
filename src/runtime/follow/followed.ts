/** How followed work ended: by itself, with an error, or because its consumer left. */
export type How = "done" | "failed" | "left";

/** Called once, when the work is over and before its consumer goes on. */
export type End = (how: How, error?: unknown) => void;

/** Calls a function in the async context that was captured. */
export type SnapshotRun = <R>(fn: () => R) => R;

/** An object of unknown type, as its methods. */
export type Methods = Record<PropertyKey, unknown>;

/** Any function. */
export type Call = (...args: unknown[]) => unknown;

/**
 * Handles the calls of a method.
 *
 * @param call Calls the object's own method, in the context of the work.
 * @param callOutside The same, in that of the consumer.
 */
export type Handler = (call: Call, args: unknown[], callOutside: Call) => unknown;

/** Looks at a value or an error on its way to the consumer. May return another value to pass on in its place. */
export type Look = (value: unknown) => unknown;

/** An object that does work when it is used, and who wants to know when that is over. */
export class Followed {
  /** Captures the current context, which is that of the consumer where it calls a method. */
  readonly capture: () => SnapshotRun;
  /** Calls a function in the context of the work. */
  inside!: SnapshotRun;
  /** Whether no work is under way. Calls are only passed on then. */
  isOver = true;
  #ends: End[] = [];

  constructor(capture: () => SnapshotRun) {
    this.capture = capture;
  }

  /** Registers another callback for the end. The first are the innermost, and are called first. */
  add(end: End): void {
    if (this.isOver) {
      this.isOver = false;
      this.inside = this.capture();
    }
    // An object that lives as long as its process may be returned any number of times.
    if (this.#ends.length < 1000) this.#ends.push(end);
    else end("done");
  }

  /** Ends the work. */
  readonly end: End = (how, error) => {
    this.isOver = true;
    for (const end of this.#ends.splice(0)) end(how, error);
  };

  /**
   * Puts a method in front of the one that an object has.
   *
   * @throws {TypeError} If the object does not take it: it is frozen, or a proxy.
   */
  replace(object: Methods, name: PropertyKey, handler: Handler, fallback?: Call): void {
    const original = (object[name] ?? fallback) as Call;
    const handle = (call: Call, args: unknown[]) =>
      this.isOver
        ? call(...args)
        : handler((...given) => this.inside(() => call(...given)), args, call);
    const value = function (this: unknown, ...args: unknown[]): unknown {
      return handle((...given) => Reflect.apply(original, this, given), args);
    };
    Object.defineProperty(object, name, {
      writable: true,
      configurable: true,
      ...Object.getOwnPropertyDescriptor(object, name),
      value,
    });
    if (object[name] !== value) throw new TypeError();
  }

  /** Puts a method in front that looks at what the object's own one returns. */
  observe(
    object: Methods,
    name: PropertyKey,
    look: (result: Methods, args: unknown[]) => void,
  ): void {
    this.replace(object, name, (call, args) => {
      const result = call(...args) as Methods;
      try {
        look(result, args);
      } catch {
        // A custom object, which cannot be followed.
        this.end("done");
      }
      return result;
    });
  }
}
