import type { PanelData, Shown } from '../panel-data';
import type { Span } from '../prometheus-api';
import { escape } from './escape';
import { formatValue } from './format-value';

const WIDTH = 600;
const HEIGHT = 180;
const MOST_IN_LEGEND = 14;
const COLOURS = [
  '#73bf69',
  '#f2cc0c',
  '#5794f2',
  '#ff780a',
  '#f2495c',
  '#b877d9',
  '#37872d',
  '#e0b400',
  '#1f60c4',
  '#fa6400',
  '#c4162a',
  '#8f3bb8',
];

/** Lines or stacked bars over time, with a legend. */
export function chart({ panel, series }: PanelData, span: Span): string {
  const { unit, custom } = panel.fieldConfig?.defaults ?? {};
  const isStacked = custom?.stacking.mode === 'normal';
  const isBars = custom?.drawStyle === 'bars';
  const highest = isStacked ? highestSum(series) : highestValue(series);
  const scale = new Scale(span, highest);
  const drawn = isStacked || isBars ? bars(series, scale, span) : lines(series, scale);
  return (
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none">${drawn}</svg>` +
    `<p class="axis">0 to ${escape(formatValue(highest, unit))}</p>${legend(series)}`
  );
}

/** From time and value to the place on the drawing. */
class Scale {
  constructor(
    private readonly span: Span,
    private readonly highest: number,
  ) {}

  x(seconds: number): number {
    return ((seconds - this.span.start) / (this.span.end - this.span.start)) * WIDTH;
  }

  height(value: number): number {
    return this.highest > 0 && Number.isFinite(value) ? (value / this.highest) * HEIGHT : 0;
  }
}

function lines(series: readonly Shown[], scale: Scale): string {
  return series
    .map(({ points }, index) => {
      const path = points
        .filter(([, value]) => Number.isFinite(value))
        .map(
          ([at, value]) => `${scale.x(at).toFixed(1)},${(HEIGHT - scale.height(value)).toFixed(1)}`,
        )
        .join(' ');
      return `<polyline points="${path}" fill="none" stroke="${colourOf(index)}" stroke-width="1.5"/>`;
    })
    .join('');
}

function bars(series: readonly Shown[], scale: Scale, { step }: Span): string {
  const below = new Map<number, number>();
  const width = Math.max(1, scale.x(step) - scale.x(0) - 0.5);
  return series
    .flatMap(({ points }, index) =>
      points.map(([at, value]) => {
        const height = scale.height(value);
        const base = below.get(at) ?? 0;
        below.set(at, base + height);
        const [x, y] = [scale.x(at).toFixed(1), (HEIGHT - base - height).toFixed(1)];
        return height === 0
          ? ''
          : `<rect x="${x}" y="${y}" width="${width.toFixed(1)}" height="${height.toFixed(1)}" fill="${colourOf(index)}"/>`;
      }),
    )
    .join('');
}

function legend(series: readonly Shown[]): string {
  const entries = series.slice(0, MOST_IN_LEGEND).map(({ name }, index) => {
    return `<span><i style="background:${colourOf(index)}"></i>${escape(name)}</span>`;
  });
  const more = series.length - entries.length;
  return `<p class="legend">${entries.join('')}${more > 0 ? `<span>and ${more} more</span>` : ''}</p>`;
}

function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] ?? '#fff';
}

function highestValue(series: readonly Shown[]): number {
  return Math.max(0, ...series.flatMap(({ points }) => points.map(([, value]) => finite(value))));
}

function highestSum(series: readonly Shown[]): number {
  const sums = new Map<number, number>();
  for (const { points } of series) {
    for (const [at, value] of points) sums.set(at, (sums.get(at) ?? 0) + finite(value));
  }
  return Math.max(0, ...sums.values());
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
