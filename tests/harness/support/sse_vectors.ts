/**
 * The cases of the web platform tests (`eventsource/`): the text, and the data of what it dispatches.
 *
 * @module
 */

/** By name: the text of a stream, and the data of its messages. */
export const sseVectors: Readonly<Record<string, readonly [text: string, data: string[]]>> = {
  "newlines": ["data:test\r\ndata\ndata:test\r\n\r\n", ["test\n\ntest"]],
  "field parsing": [
    "data:\0\ndata:  2\rData:1\ndata\0:2\ndata:1\r\0data:4\nda-ta:3\rdata_5\ndata:3\rdata:\r\n" +
    " data:32\ndata:4\n\n",
    ["\0\n 2\n1\n3\n\n4"],
  ],
  "comments": [
    `data:1\r:\0\n:\r\ndata:2\n:${"x".repeat(2048)}\rdata:3\n:data:fail\r:${"x".repeat(2048)}\n` +
    "data:4\n\n",
    ["1\n2\n3\n4"],
  ],
  "field data": ["data:\n\ndata\ndata\n\ndata:test\n\n", ["", "\n", "test"]],
  "byte order mark": ["\ufeffdata:1\n\n\ufeffdata:2\n\ndata:3\n\n", ["1", "3"]],
  "two byte order marks": ["\ufeff\ufeffdata:1\n\ndata:2\n\ndata:3\n\n", ["2", "3"]],
  "no blank line at the end": ["retry:1000\ndata:test1\n\nid:test\ndata:test2", ["test1"]],
  "leading space": ["data:\ttest\rdata: \ndata:test\n\n", ["\ttest\n\ntest"]],
  "unknown field": ["data:test\n data\ndata\nfoobar:xxx\njustsometext\n:thisisacomment\n\n", [
    "test\n",
  ]],
  "UTF-8": ["data:ok…\n\n", ["ok…"]],
  "null character": ["data:\0\n\n\n\n", ["\0"]],
  "lone CR": ["data:a\r\rdata:b\r\r", ["a", "b"]],
  "four-byte character": ["data:🦉\n\n", ["🦉"]],
};
