import type { LogLine } from '../../cluster/service-log';
import type { Dashboard } from '../dashboard';
import type { PanelData, Shown } from '../panel-data';
import type { Span } from '../prometheus-api';
import { chart } from './chart';
import { escape } from './escape';
import { formatValue } from './format-value';

const STYLE = `
body { background: #111217; color: #ccccdc; font: 13px sans-serif; margin: 12px }
h1 { font-size: 18px } main { display: grid; grid-template-columns: repeat(24, 1fr); grid-auto-rows: 30px; gap: 6px }
section { background: #181b1f; border: 1px solid #2c3235; overflow: hidden; padding: 6px; position: relative }
section.row { background: none; border: 0; font-size: 15px; padding: 4px 0 }
h2 { font-size: 12px; margin: 0 0 4px } svg { width: 100%; height: calc(100% - 62px) }
.legend span { margin-right: 10px; white-space: nowrap } .legend i { display: inline-block; width: 10px; height: 4px; margin-right: 4px }
.legend, .axis { font-size: 11px; margin: 2px 0 } .axis { position: absolute; top: 4px; right: 8px; color: #8e8e9a }
.tiles { display: flex; flex-wrap: wrap; gap: 4px; height: calc(100% - 20px) }
.tiles div { flex: 1 1 90px; color: #111; display: grid; place-items: center; text-align: center; font-size: 11px } .tiles b { font-size: 26px; font-weight: 600; display: block }
.small b { font-size: 13px } .green { background: #73bf69 } .red { background: #f2495c } .orange { background: #ff9830 }
table { width: 100%; border-spacing: 0 3px; font-size: 12px } td.bar { width: 45% } td.bar i { display: block; height: 12px; background: #ff9830 } td.number { text-align: right; white-space: nowrap }
pre { font-size: 11px; margin: 0; white-space: pre-wrap } .empty { color: #f2495c }`;

const MOST_LINES = 12;
const MOST_ROWS = 15;

export interface Pictured {
  readonly dashboard: Dashboard;
  readonly panels: readonly PanelData[];
  readonly span: Span;
  /** Shown where Grafana would ask for log lines. */
  readonly lines: readonly LogLine[];
}

/** One HTML page with every panel of a dashboard at its place. It is no Grafana: what it draws is simpler. */
export function pageOf({ dashboard, panels, span, lines }: Pictured): string {
  const drawn = panels.map((data) => section(data, span, lines)).join('\n');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escape(dashboard.title)}</title>
<style>${STYLE}</style><h1>${escape(dashboard.title)}</h1><main>\n${drawn}\n</main></html>\n`;
}

function section(data: PanelData, span: Span, lines: readonly LogLine[]): string {
  const { type, title, gridPos } = data.panel;
  const { x, y, w, h } = gridPos;
  const place = `grid-column:${x + 1}/span ${w};grid-row:${y + 1}/span ${h}`;
  if (type === 'row') return `<section class="row" style="${place}">${escape(title)}</section>`;
  return `<section style="${place}"><h2>${escape(title)}</h2>${content(data, span, lines)}</section>`;
}

function content(data: PanelData, span: Span, lines: readonly LogLine[]): string {
  switch (data.panel.type) {
    case 'stat':
      return tiles(data);
    case 'timeseries':
      return chart(data, span);
    case 'bargauge':
    case 'table':
      return rows(data);
    case 'logs':
      return `<pre>${lines
        .slice(-MOST_LINES)
        .map((line) => escape(JSON.stringify(line)))
        .join('\n')}</pre>`;
    case 'row':
      return '';
  }
}

function tiles({ panel, series }: PanelData): string {
  const { unit, thresholds } = panel.fieldConfig?.defaults ?? {};
  const drawn = series.map((each) => {
    const value = lastOf(each);
    const steps = thresholds?.steps ?? [];
    const colour = steps.findLast((step) => step.value === null || value >= step.value)?.color;
    return `<div class="${escape(colour ?? 'green')}"><span>${escape(each.name)}<b>${escape(formatValue(value, unit))}</b></span></div>`;
  });
  return `<div class="tiles ${series.length > 1 ? 'small' : ''}">${drawn.join('') || '<div class="empty">nothing</div>'}</div>`;
}

function rows({ panel, series }: PanelData): string {
  const unit = panel.fieldConfig?.defaults.unit;
  const highest = Math.max(0, ...series.map(lastOf).filter(Number.isFinite));
  const drawn = series.slice(0, MOST_ROWS).map((each) => {
    const value = lastOf(each);
    const share = highest > 0 ? Math.max(0, (value / highest) * 100) : 0;
    return `<tr><td>${escape(each.name)}</td><td class="bar"><i style="width:${share.toFixed(0)}%"></i></td><td class="number">${escape(formatValue(value, unit))}</td></tr>`;
  });
  return `<table>${drawn.join('')}</table>`;
}

function lastOf({ points }: Shown): number {
  return points.at(-1)?.[1] ?? Number.NaN;
}
