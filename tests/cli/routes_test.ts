import { test } from "node:test";
import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../src/cli/exit_code.ts";
import { readRoutes } from "../../src/cli/routes.ts";

test("readRoutes() reads the address of a mount, and of one of its runs", () => {
  const addresses = [
    "http://localhost:8000/locus",
    "http://localhost:8000/locus/",
    "http://localhost:8000/locus/runs/order-42",
    "http://localhost:8000/locus/runs/order%2D42/events?token=x",
  ];
  assertEquals(addresses.map((text) => [readRoutes(text).place, readRoutes(text).runId]), [
    ["http://localhost:8000/locus", null],
    ["http://localhost:8000/locus", null],
    ["http://localhost:8000/locus", "order-42"],
    ["http://localhost:8000/locus", "order-42"],
  ]);
});

test("readRoutes() says what is wrong with an address, whatever it is", () => {
  const refused: [text: string, message: string][] = [
    ["localhost:8000", "the address must begin with http:// or https://"],
    ["ftp://a", "the address must begin with http:// or https://"],
    ["http://a:b@c", "the address must not hold a password"],
    ["http://a/runs/%zz", 'in the address, "%" must begin the code of a character'],
    ["http://a/runs/%zz/events", 'got "%zz"'],
    ["http://a/runs/%E0%A4%A", 'in the address, "%" must begin the code of a character'],
    ["http://a/runs/%ff", 'in the address, "%" must begin the code of a character'],
    ["http://a/runs/a%20b", "the run must be"],
  ];
  for (const [text, message] of refused) {
    assertThrows(() => readRoutes(text), UsageError, message);
  }
});
