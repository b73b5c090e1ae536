/** How the conversation looks: with its part of the page, because it is loaded with it. */
export const RULES = `
.talk-body {
  /* Holds what is only heard, which would make the page as high as all that was said. */
  position: relative;
  flex: 1;
  overflow: auto;
  padding: 12px 16px 24px;
}

.talk-hint,
.talk-older,
.talk-end,
.talk-body > .talk {
  width: 100%;
  max-width: 800px;
  margin: 0 auto;
}

.talk-older {
  display: flex;
  justify-content: flex-start;
}

.talk-hint {
  margin-bottom: 12px;
  color: var(--quiet);
}

.talk-hint .data {
  margin-top: 4px;
}

.talk-said {
  display: grid;
  grid-template-columns: 72px minmax(0, 1fr);
  gap: 12px;
  padding-top: 12px;
  /* What is out of sight is not laid out. */
  content-visibility: auto;
  contain-intrinsic-size: auto 64px;
}

.talk-at {
  padding-top: 2px;
  color: var(--quiet);
  font-size: 12px;
  text-align: right;
}

.talk-head,
.talk-line {
  display: flex;
  align-items: baseline;
  gap: 8px;
  width: 100%;
  padding: 2px 8px;
  border: 0;
  border-radius: 4px;
  background: none;
  color: inherit;
  font: inherit;
  text-align: start;
  cursor: pointer;
}

.talk-head:hover,
.talk-line:hover {
  background: var(--raised);
}

.talk-head b {
  flex: 1;
  min-width: 0;
  overflow: hidden;
  font-weight: 600;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.talk-facts,
.talk-took {
  flex: none;
  color: var(--quiet);
  font-size: 12px;
}

.talk-words,
.talk-call,
.talk-inside {
  border-left: 1px solid var(--line);
  padding-left: 8px;
}

.talk-text {
  max-width: 72ch;
  padding: 0 8px;
  font-size: 14px;
  line-height: 20px;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
  unicode-bidi: plaintext;
}

.talk-user .talk-text {
  padding: 8px;
  border-radius: 4px;
  background: var(--accent-soft);
}

.talk-system {
  display: none;
}

.shows-v .talk-system {
  display: grid;
}

.conversation:not(.shows-t) .talk-call.talk-tool {
  display: none;
}

.talk-reasoning,
.talk-rest {
  padding: 0 8px;
  color: var(--quiet);
}

.talk-reasoning .talk-text {
  padding-left: 12px;
  border-left: 2px solid var(--line);
  font-style: italic;
}

.talk-rest .talk-text {
  padding: 0;
  color: var(--text);
}

.talk summary {
  cursor: pointer;
}

.talk-error,
.talk-end.is-failed {
  color: var(--bad);
}

.talk-error {
  padding: 0 8px;
  overflow-wrap: anywhere;
}

.talk-caret {
  display: inline-block;
  width: 7px;
  height: 14px;
  margin: 2px 8px;
  background: var(--accent);
}

.talk-call,
.talk-inside,
.talk-note {
  margin-left: 84px;
}

.talk-note {
  display: flex;
  gap: 8px;
  padding: 4px 16px;
  color: var(--note);
}

.talk-note-waiting {
  color: var(--wait);
}

.talk-note .mark {
  margin-top: 4px;
}

.talk-line .mark,
.talk-inside summary .mark {
  align-self: center;
}

.talk-line b {
  flex: 0 1 auto;
  max-width: 40%;
  overflow: hidden;
  font: 600 12px/20px var(--mono);
  text-overflow: ellipsis;
  white-space: nowrap;
}

.talk-input,
.talk-output {
  min-width: 0;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.talk-input {
  flex: 0 1 auto;
  color: var(--quiet);
  font: 12px/20px var(--mono);
}

.talk-output {
  flex: 1;
  padding: 0;
}

.talk-inside {
  padding-top: 4px;
}

.talk-inside details {
  border: 1px solid var(--line);
  border-radius: 4px;
}

.talk-inside details summary {
  display: flex;
  align-items: baseline;
  gap: 8px;
  padding: 4px 8px;
}

.talk-inside details summary b {
  flex: none;
  max-width: 50%;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.talk-inside summary .talk-input {
  flex: 1;
  font: inherit;
}

.talk-inside details > .talk {
  padding: 0 8px 8px;
}

.talk-inside .talk-said {
  grid-template-columns: minmax(0, 1fr);
}

.talk-inside .talk-at {
  display: none;
}

.talk-inside .talk-call,
.talk-inside .talk-inside,
.talk-inside .talk-note {
  margin-left: 0;
}

.talk .is-selected > .talk-words > .talk-head,
.talk .is-selected > .talk-line,
.talk .is-selected > details {
  background: var(--accent-soft);
}

.talk-end {
  margin-top: 16px;
  padding-left: 92px;
  color: var(--quiet);
  overflow-wrap: anywhere;
}

@media (max-width: 799px) {
  .talk-said {
    grid-template-columns: minmax(0, 1fr);
  }

  .talk-at {
    display: none;
  }

  .talk-call,
  .talk-inside,
  .talk-note {
    margin-left: 0;
  }

  .talk-end {
    padding-left: 16px;
  }

  .talk-body {
    padding: 4px 8px 16px;
  }
}
`;
