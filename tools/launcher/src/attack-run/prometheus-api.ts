import { z } from 'zod';

const sample = z.tuple([z.number(), z.string()]);
const labels = z.record(z.string(), z.string());

const answer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.discriminatedUnion('resultType', [
      z.object({
        resultType: z.literal('vector'),
        result: z.array(z.object({ metric: labels, value: sample })),
      }),
      z.object({
        resultType: z.literal('matrix'),
        result: z.array(z.object({ metric: labels, values: z.array(sample) })),
      }),
    ]),
  }),
  z.object({ status: z.literal('error'), error: z.string() }),
]);

const alerts = z.object({
  data: z.object({ alerts: z.array(z.object({ labels, state: z.string() })) }),
});

/** One line of an answer: its labels, and its values by time in seconds since the epoch. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [seconds: number, value: number])[];
}

/** A stretch of time, in seconds since the epoch. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** What a Prometheus is asked. */
export class PrometheusApi {
  constructor(private readonly url: string) {}

  /** The value of each series at one moment. @throws Error with what Prometheus says is wrong */
  at(expression: string, seconds: number): Promise<readonly Series[]> {
    return this.#ask('query', { query: expression, time: String(seconds) });
  }

  /** The values of each series over a span. @throws Error with what Prometheus says is wrong */
  over(expression: string, { start, end, step }: Span): Promise<readonly Series[]> {
    const span = { start: String(start), end: String(end), step: String(step) };
    return this.#ask('query_range', { query: expression, ...span });
  }

  /** The names of the alerts that are pending or firing, with their state. */
  async alerts(): Promise<readonly string[]> {
    const response = await fetch(`${this.url}/api/v1/alerts`);
    const { data } = alerts.parse(await response.json());
    const names = data.alerts.map((alert) => `${alert.labels['alertname'] ?? ''} (${alert.state})`);
    return [...new Set(names)].sort();
  }

  async #ask(
    path: string,
    parameters: Readonly<Record<string, string>>,
  ): Promise<readonly Series[]> {
    const response = await fetch(`${this.url}/api/v1/${path}`, {
      method: 'POST',
      body: new URLSearchParams(parameters),
    });
    const parsed = answer.parse(await response.json());
    if (parsed.status === 'error') throw new Error(parsed.error);
    return parsed.data.resultType === 'vector'
      ? parsed.data.result.map(({ metric, value }) => ({
          labels: metric,
          points: [pointOf(value)],
        }))
      : parsed.data.result.map(({ metric, values }) => ({
          labels: metric,
          points: values.map(pointOf),
        }));
  }
}

function pointOf([seconds, value]: z.output<typeof sample>): readonly [number, number] {
  return [seconds, Number(value.replace('Inf', 'Infinity'))];
}
