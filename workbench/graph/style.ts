/** How the graph looks: with its part of the page, because it is loaded with it. */
export const RULES = `
.graph-canvas {
  position: relative;
  flex: 1;
  overflow: auto;
  background: radial-gradient(var(--line) 1px, transparent 1px) 0 0 / 16px 16px var(--ground);
}

.graph-space {
  position: relative;
  transform-origin: 0 0;
}

.graph-space svg {
  display: block;
}

.graph-line {
  fill: none;
  stroke: currentcolor;
  stroke-width: 1.5;
}

.graph-tip {
  fill: currentcolor;
}

.graph-line-taken {
  color: var(--bar-critical);
}

.graph-line-now {
  color: var(--accent);
}

.graph-line-waits {
  color: var(--wait);
}

.graph-line-todo,
.graph-line-untaken {
  color: var(--line-strong);
}

.graph-line-todo.graph-line {
  stroke-dasharray: 6 4;
}

.graph-line-untaken.graph-line {
  stroke-dasharray: 1 4;
  stroke-linecap: round;
}

.graph-label {
  position: absolute;
  padding: 0 4px;
  background: var(--ground);
  color: var(--quiet);
  font-size: 11px;
  line-height: 16px;
  white-space: nowrap;
  transform: translate(-50%, -50%);
}

.graph-box {
  position: absolute;
}

.graph-box button {
  display: grid;
  grid-template: "mark name visits" 20px "facts facts took" 16px / auto minmax(0, 1fr) auto;
  align-content: center;
  align-items: center;
  gap: 0 8px;
  width: 100%;
  height: 100%;
  padding: 4px 8px;
  border: 1px solid var(--line-strong);
  border-radius: 4px;
  background: var(--surface);
  color: var(--text);
  font: inherit;
  text-align: start;
  cursor: pointer;
}

.graph-box button:hover:enabled {
  background: var(--raised);
}

.graph-box button:disabled {
  cursor: default;
}

.graph-name {
  overflow: hidden;
  font-weight: 600;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.graph-name:has(+ [hidden]) {
  grid-column: 2 / 4;
}

.graph-visits {
  justify-self: end;
  padding: 0 4px;
  border: 1px solid var(--line-strong);
  border-radius: 2px;
  font-size: 11px;
  line-height: 14px;
}

.graph-facts {
  grid-area: facts;
  overflow: hidden;
  color: var(--quiet);
  font-size: 12px;
  line-height: 16px;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.graph-took {
  grid-area: took;
  font-size: 12px;
  line-height: 16px;
}

.graph-box.is-end button {
  display: block;
  padding: 0;
  border-radius: 14px;
  color: var(--quiet);
  font-size: 12px;
  text-align: center;
}

.is-end .graph-name {
  display: block;
  font-weight: 400;
}

.is-end .graph-facts,
.is-end .graph-took {
  display: none;
}

.graph-box[data-state="todo"] button,
.graph-box[data-state="untaken"] button {
  border-style: dashed;
  background: var(--ground);
  color: var(--quiet);
}

.graph-box[data-state="running"] button {
  border-color: var(--accent);
}

.graph-box[data-state="waiting"] button {
  border-color: var(--wait);
  background: var(--wait-soft);
}

.graph-box[data-state="failed"] button {
  border-color: var(--bad);
  background: var(--bad-soft);
}

.graph-box[data-state="failed"] .graph-facts {
  color: var(--bad);
}

.graph-box.is-selected button {
  outline: 2px solid var(--accent);
  outline-offset: -1px;
}

.graph-box button:focus-visible {
  outline: 2px solid var(--accent);
  outline-offset: 2px;
}

.graph-legend {
  display: flex;
  flex: none;
  flex-wrap: wrap;
  gap: 0 16px;
  padding: 4px 16px;
  border-top: 1px solid var(--line);
  color: var(--quiet);
  font-size: 12px;
}

.graph-legend li {
  display: inline-flex;
  align-items: center;
  gap: 8px;
}

.graph-sample {
  width: 20px;
  border-top: 2px solid var(--bar-critical);
}

.graph-sample-todo {
  border-top: 2px dashed var(--line-strong);
}

.graph-sample-untaken {
  border-top: 2px dotted var(--line-strong);
}

.graph-sample-now {
  border-color: var(--accent);
}

.graph-sample-waits {
  border-color: var(--wait);
}
`;
