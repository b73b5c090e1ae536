/** How what the detail shows looks: with its part of the page, because it is loaded with it. */
export const RULES = `
.json-inside { padding-left: 16px; }
.json-line { padding-left: 12px; text-indent: -12px; }
summary.json-line { color: inherit; text-indent: 0; padding: 0; }
.json-key { color: var(--accent); }
.json-size,
.json-boolean,
.json-object { color: var(--quiet); }
.json details[open] > summary :is(.json-size, .json-shut) { display: none; }
.json-number { color: var(--note); }
.json-string { color: var(--good); }
.documents li {
  padding: 8px;
  border: 1px solid var(--line);
  border-left: 3px solid var(--line-strong);
  border-radius: 4px;
}
.documents li + li { margin-top: 4px; }
.documents .is-used { border-left-color: var(--good); }
.document-head,
.routes li,
.todos li { display: flex; align-items: baseline; gap: 8px; }
.document-head b { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.document-used { display: inline-flex; align-items: center; gap: 4px; color: var(--good); font-size: 12px; }
.document-bar {
  align-self: center;
  width: 48px;
  height: 6px;
  border-radius: 2px;
  background: linear-gradient(var(--bar-critical) 0 0) 0 0 / calc(var(--score) * 100%) 100%
    no-repeat var(--line);
}
.document-text,
.document-more {
  margin-top: 4px;
  max-height: 120px;
  overflow: auto;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
  unicode-bidi: plaintext;
}
.document-more,
.route-why { color: var(--quiet); font-size: 12px; }
.changes > div { padding-left: 16px; }
.change-sign { display: inline-block; width: 16px; margin-left: -16px; }
.change-new { background: color-mix(in srgb, var(--good) 12%, transparent); }
.change-old { background: color-mix(in srgb, var(--bad) 12%, transparent); }
.routes li,
.todos li { padding: 4px 0; }
.routes li + li { border-top: 1px solid var(--line); }
.routes .mark,
.todos .mark { align-self: center; }
.routes li:not(.is-chosen) b { font-weight: 400; }
.routes b { overflow-wrap: anywhere; }
.route-why { flex: 1; }
.message > summary b { color: var(--text); }
.message[open] .message-start { display: none; }
.detail-body mark { outline: 1px solid var(--accent); background: var(--accent-soft); color: inherit; }
.messages-before { margin-bottom: 4px; border-left: 2px solid var(--line); padding-left: 8px; }
.messages-find { display: flex; align-items: center; gap: 8px; margin-bottom: 4px; }
.messages-hits { color: var(--quiet); white-space: nowrap; }

@media (min-width: 1200px) and (min-height: 600px) {
  .is-detail-wide .detail-texts:has(> .detail-output) {
    display: grid; grid-auto-flow: dense; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 12px 16px;
  }
  .is-detail-wide .detail-output { grid-column: 2; }
  .is-detail-wide .detail-texts:has(> .detail-output) h3 { margin-top: 0; }
}
.numbers { width: 100%; border-collapse: collapse; }
.numbers th, .numbers td { padding: 2px 0 2px 12px; text-align: right; white-space: nowrap; font-weight: 400; }
.numbers th:first-child {
  width: 100%; max-width: 0; padding-left: 0; overflow: hidden; text-align: left; text-overflow: ellipsis;
}
.numbers thead th { color: var(--quiet); font-size: 12px; }
.numbers tbody :is(th, td) { border-top: 1px solid var(--line); }
.shares { display: flex; gap: 1px; height: 12px; margin: 4px 0; }
.shares > span { flex: 0 1 0; min-width: 1px; border-radius: 1px; }
.shares > span, .shares + table tbody th::before { background: var(--bar-critical); }
.shares + table tbody th::before { content: ""; display: inline-block; width: 8px; height: 8px; margin-right: 8px; border-radius: 1px; }
${
  [80, 60, 45, 30, 20].map((share, index) => `
.shares > span:nth-child(${index + 2}), .shares + table tbody tr:nth-child(${
    index + 2
  }) th::before {
  background: color-mix(in srgb, var(--bar-critical) ${share}%, var(--surface));
}`).join("")
}
`;
