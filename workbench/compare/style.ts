/** How the comparison looks: with its part of the page, because it is loaded with it. */
export const RULES = `
.compare {
  width: calc(100vw - 32px);
  height: calc(100dvh - 32px);
  max-width: none;
  grid-template-rows: auto auto auto minmax(0, 1fr);
}

.compare[open] {
  display: grid;
}

.compare .help-head h2 {
  flex: 1;
}

.compare-head,
.compare-totals {
  display: flex;
  flex-wrap: wrap;
  gap: 4px 32px;
  margin: 0;
  padding: 8px 16px;
  border-bottom: 1px solid var(--line);
}

.compare-head p {
  display: flex;
  gap: 8px;
  align-items: center;
  min-width: 0;
  overflow-wrap: anywhere;
}

.compare-totals dt {
  color: var(--quiet);
  font-size: 12px;
}

.compare-totals dd {
  margin: 0;
}

.compare-body {
  display: grid;
  grid-template-columns: minmax(0, 3fr) minmax(0, 2fr);
  min-height: 0;
}

.compare-row {
  display: grid;
  grid-template-columns: 12px minmax(0, 3fr) 136px 80px 88px minmax(0, 2fr);
  gap: 8px;
  align-items: center;
  padding: 0 12px 0 16px;
}

.compare-row > span {
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
}

.compare-number {
  text-align: right;
}

.compare-differs {
  color: var(--note);
}

.compare-differs.is-same {
  color: var(--quiet);
}

.compare-detail {
  overflow: auto;
  padding: 8px 16px 16px;
  border-left: 1px solid var(--line);
}

.compare-detail h3 {
  margin-top: 12px;
}

.compare-detail del {
  background: var(--bad-soft);
  color: var(--bad);
}

.compare-detail ins {
  color: var(--good);
}

@media (max-width: 799px) {
  .compare-body {
    grid-template: minmax(0, 1fr) minmax(0, 1fr) / minmax(0, 1fr);
  }

  .compare-row {
    grid-template-columns: 12px minmax(0, 1fr) 80px minmax(0, 96px);
  }

  .compare-row > :is(:nth-child(3), :nth-child(5)) {
    display: none;
  }

  .compare-detail {
    border-top: 1px solid var(--line);
    border-left: 0;
  }
}
`;
