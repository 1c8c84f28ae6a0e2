import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { REPOSITORY } from '../cluster/repository';

/** Where Grafana finds the dashboards. */
export const DASHBOARDS_FOLDER = join(REPOSITORY, 'deploy/observability/grafana/dashboards');

const place = z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() });

const target = z.object({
  expr: z.string().min(1),
  legendFormat: z.string().default(''),
  instant: z.boolean().default(false),
});

const step = z.object({ color: z.string(), value: z.number().nullable() });

const panel = z.object({
  id: z.int(),
  type: z.enum(['row', 'stat', 'timeseries', 'bargauge', 'table', 'logs']),
  title: z.string().min(1),
  description: z.string().optional(),
  gridPos: place,
  datasource: z.object({ type: z.string(), uid: z.string() }).optional(),
  targets: z.array(target).default([]),
  fieldConfig: z
    .object({
      defaults: z.object({
        unit: z.string().optional(),
        thresholds: z.object({ steps: z.array(step) }).optional(),
        custom: z
          .object({ drawStyle: z.string(), stacking: z.object({ mode: z.string() }) })
          .optional(),
      }),
    })
    .optional(),
});

const dashboard = z.object({ uid: z.string(), title: z.string(), panels: z.array(panel).min(1) });

export type Panel = z.output<typeof panel>;
export type Target = z.output<typeof target>;
export type Dashboard = z.output<typeof dashboard>;

/** Every dashboard of the repository, by the name of its file. @throws ZodError for one that is none */
export function readDashboards(): ReadonlyMap<string, Dashboard> {
  const files = readdirSync(DASHBOARDS_FOLDER).filter((name) => name.endsWith('.json'));
  return new Map(
    files.map((name) => [
      name,
      dashboard.parse(JSON.parse(readFileSync(join(DASHBOARDS_FOLDER, name), 'utf8'))),
    ]),
  );
}

/** Whether Prometheus is asked for what a panel shows. */
export function asksPrometheus({ type, datasource }: Panel): boolean {
  return type !== 'row' && datasource?.type === 'prometheus';
}

/** An expression as Grafana sends it: its own variables replaced. */
export function expressionOf(
  { expr }: Target,
  { rangeSeconds, rateSeconds }: { readonly rangeSeconds: number; readonly rateSeconds: number },
): string {
  return expr
    .replaceAll('$__rate_interval', `${rateSeconds}s`)
    .replaceAll('$__range', `${rangeSeconds}s`);
}
