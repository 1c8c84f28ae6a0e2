import { asksPrometheus, expressionOf, type Dashboard, type Panel, type Target } from './dashboard';
import type { PrometheusApi, Series, Span } from './prometheus-api';

/** What one target of a panel shows. */
export interface Shown {
  readonly name: string;
  readonly points: Series['points'];
}

/** A panel with what Prometheus answered, or with why it could not. */
export interface PanelData {
  readonly panel: Panel;
  readonly series: readonly Shown[];
  /** Expressions that Prometheus refused, or that nothing was found for. */
  readonly problems: readonly string[];
}

const RATE_SECONDS = 15;

/** Asks for everything a dashboard shows, as Grafana would over the same span. */
export async function panelDataOf(
  { panels }: Dashboard,
  api: PrometheusApi,
  span: Span,
): Promise<readonly PanelData[]> {
  const asked: PanelData[] = [];
  for (const panel of panels) asked.push(await dataOf(panel, api, span));
  return asked;
}

async function dataOf(panel: Panel, api: PrometheusApi, span: Span): Promise<PanelData> {
  const series: Shown[] = [];
  const problems: string[] = [];
  for (const target of asksPrometheus(panel) ? panel.targets : []) {
    try {
      const found = await ask(target, api, span);
      if (found.length === 0) problems.push(`nothing for ${target.expr}`);
      series.push(...found.map((each) => ({ name: nameOf(target, each), points: each.points })));
    } catch (error) {
      problems.push(`${String(error)} in ${target.expr}`);
    }
  }
  return { panel, series, problems };
}

function ask(target: Target, api: PrometheusApi, span: Span): Promise<readonly Series[]> {
  const rangeSeconds = Math.ceil(span.end - span.start);
  const expression = expressionOf(target, { rangeSeconds, rateSeconds: RATE_SECONDS });
  return target.instant ? api.at(expression, span.end) : api.over(expression, span);
}

/** `{{label}}` stands for the value of a label; without a legend the labels themselves are shown. */
function nameOf({ legendFormat }: Target, { labels }: Series): string {
  if (legendFormat !== '') {
    return legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '');
  }
  return Object.entries(labels)
    .filter(([label]) => label !== '__name__')
    .map(([label, value]) => `${label}=${value}`)
    .join(' ');
}
