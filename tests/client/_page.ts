/** A page as the client sees one: it can be hidden and shown, and goes online. */
export interface FakePage {
  /** How many listeners it has. */
  readonly listeners: number;
  show(state: "visible" | "hidden"): void;
  goOnline(): void;
  restore(): void;
}

/** Makes this process look like a page. */
export function installFakePage(): FakePage {
  const document = Object.assign(new CountingTarget(), { visibilityState: "visible" });
  const page = new CountingTarget();
  const fakes = {
    document,
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page),
  };
  const own = Object.keys(fakes).map((name) =>
    [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const
  );
  for (const [name, value] of Object.entries(fakes)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return {
    get listeners() {
      return document.count + page.count;
    },
    show(state) {
      document.visibilityState = state;
      document.dispatchEvent(new Event("visibilitychange"));
    },
    goOnline: () => void page.dispatchEvent(new Event("online")),
    restore() {
      for (const [name, descriptor] of own) {
        if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
        else Object.defineProperty(globalThis, name, descriptor);
      }
    },
  };
}

class CountingTarget extends EventTarget {
  count = 0;

  override addEventListener(...args: Parameters<EventTarget["addEventListener"]>): void {
    this.count++;
    super.addEventListener(...args);
  }

  override removeEventListener(...args: Parameters<EventTarget["removeEventListener"]>): void {
    this.count--;
    super.removeEventListener(...args);
  }
}
