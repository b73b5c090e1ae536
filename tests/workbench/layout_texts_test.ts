/** G7: everything can be seen and reached at every size, at 200 % zoom too: long texts, and what lies above a run. */
import { LONG, testWidths } from "./_layout.ts";

testWidths({
  "long texts": { hash: "#run=long" },
  "a long name": { hash: `#run=long-${"0123456789".repeat(12)}&event=k3v9-4` },
  "no such run": { hash: `#run=${LONG}` },
  keys: { hash: "#run=order-42", act: (page) => page.keyboard.press("?") },
});
