/** G7: everything can be seen and reached at every size, at 200 % zoom too: runs, and what there is to say of them. */
import { testWidths } from "./_layout.ts";

testWidths({
  live: { hash: "#run=order-42" },
  waiting: { hash: "#run=approve-9" },
  patient: { hash: "#run=patient-4" },
  "an event": { hash: "#run=mischief-5&event=k3v9-22" },
});
