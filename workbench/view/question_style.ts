/** How a question and its form look: with their part of the page, because it is loaded with them. */
export const RULES = `
.question {
  display: flex;
  flex: none;
  align-items: center;
  gap: 8px;
  min-height: 40px;
  padding: 4px 16px;
  border-bottom: 1px solid var(--line);
  background: var(--wait-soft);
}
.question > strong { flex: none; color: var(--wait); }
.question-text {
  flex: 1;
  min-width: 0;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
  unicode-bidi: plaintext;
}
.ask {
  display: flex;
  flex: 0 1 auto;
  flex-direction: column;
  min-height: 0;
  max-height: 75%;
  border-bottom: 1px solid var(--line);
}
.ask-body { overflow: auto; padding: 12px 16px; }
.ask-body h3 { margin: 12px 0 4px; }
.ask-text { font-size: 14px; overflow-wrap: anywhere; unicode-bidi: plaintext; }
.ask-call { max-height: 20em; overflow: auto; }
.ask-choices { display: grid; gap: 4px; margin-top: 12px; }
.ask-choice {
  display: grid;
  grid-template-columns: auto minmax(0, 1fr) auto;
  align-items: center;
  gap: 12px;
  min-height: 32px;
  padding: 4px 8px;
  border: 1px solid var(--line-strong);
  border-radius: 4px;
  overflow-wrap: anywhere;
  unicode-bidi: plaintext;
  cursor: pointer;
}
.ask-choice:has(:checked) { border-color: var(--accent); background: var(--accent-soft); }
.ask-choice input { margin: 0; accent-color: var(--accent); }
.ask-foot {
  display: flex;
  flex: none;
  flex-wrap: wrap;
  align-items: center;
  gap: 4px 12px;
  padding: 8px 16px;
  border-top: 1px solid var(--line);
}
.ask-send {
  gap: 8px;
  max-width: 100%;
  height: auto;
  min-height: 32px;
  padding: 4px 12px;
  border-color: var(--accent);
  background: var(--accent);
  color: var(--surface);
  font-weight: 600;
  overflow-wrap: anywhere;
  text-align: start;
}
.ask-send:hover { background: color-mix(in srgb, var(--accent) 85%, var(--text)); }
.ask-send:disabled { border-color: var(--line-strong); background: none; opacity: 1; }
.ask-send kbd { border-color: currentcolor; background: none; }
.ask-status { color: var(--quiet); }
`;
