import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const REPOSITORY = resolve(__dirname, '../..');
const OBSERVABILITY = join(REPOSITORY, 'deploy/observability');

/** What Prometheus makes of a histogram or summary beside its own name. */
const SUFFIX = /_(?:bucket|count|sum)$/;

/** Where metrics are asked for by name: rules, their tests, dashboards and data sources. */
const FOLDERS = [
  'prometheus/rules',
  'prometheus/tests',
  'grafana/dashboards',
  'grafana/provisioning/datasources',
] as const;

/** Every metric that a file asks for, by the path of the file below `deploy/observability`. */
export function metricsAskedFor(): ReadonlyMap<string, ReadonlySet<string>> {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(OBSERVABILITY, folder)).map((name) => join(folder, name)),
  );
  return new Map(
    files.map((file) => {
      const text = readFileSync(join(OBSERVABILITY, file), 'utf8');
      const names = text.match(/\bsallyport_[a-z0-9_]+/g) ?? [];
      return [file, new Set(names)] as const;
    }),
  );
}

/** Whether a process that shows these metrics has the one that is asked for. */
export function isShown(asked: string, shown: ReadonlySet<string>): boolean {
  return shown.has(asked) || shown.has(asked.replace(SUFFIX, ''));
}

/** A row of the table in docs/observability.md. */
export interface DocumentedMetric {
  readonly name: string;
  readonly type: string;
  /** Of the label names in braces, as they stand. */
  readonly labels: readonly string[];
  /** `all`, or the short names of services. */
  readonly services: readonly string[];
}

/** The metrics that the document lists. */
export function documentedMetrics(): readonly DocumentedMetric[] {
  const text = readFileSync(join(REPOSITORY, 'docs/observability.md'), 'utf8');
  const rows = text.matchAll(
    /^\| `(sallyport_[a-z0-9_]+)(?:\{([a-z,]+)\})?` +\| (\w+) +\| ([a-z, ]+?) +\|/gm,
  );
  return Array.from(rows, ([, name = '', labels = '', type = '', services = '']) => ({
    name,
    type,
    labels: labels === '' ? [] : labels.split(','),
    services: services.split(', '),
  }));
}

/** The runbook each alert names, by the name of the alert. */
export function runbooksOfAlerts(): ReadonlyMap<string, string> {
  const folder = join(OBSERVABILITY, 'prometheus/rules');
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  const alerts = texts.flatMap((text) => text.split(/^ *- alert: /m).slice(1));
  return new Map(
    alerts.map((alert) => {
      const [name = ''] = alert.split('\n');
      const [, runbook = ''] = /runbook_url: (\S+)/.exec(alert) ?? [];
      return [name.trim(), runbook] as const;
    }),
  );
}

/** The text of a file of this repository, or undefined when there is none. */
export function readInRepository(path: string): string | undefined {
  try {
    return readFileSync(join(REPOSITORY, path), 'utf8');
  } catch {
    return undefined;
  }
}
