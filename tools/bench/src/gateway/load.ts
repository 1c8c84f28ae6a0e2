/**
 * One bounded round of load from a process of its own, so that the generator's work is not counted
 * as the server's. Configured by the JSON of SALLYPORT_BENCH_SETTINGS, {@link LoadSettings}; prints {@link LoadResult}.
 */
import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';

export interface LoadSettings {
  /** Loopback only. */
  readonly url: string;
  readonly caFile: string;
  /** Presents the credential. */
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  /** Milliseconds. */
  readonly p99: number;
  /** Answers other than 2xx, errors and timeouts together. */
  readonly failed: number;
}

const run = async (settings: LoadSettings): Promise<LoadResult> => {
  if (!['127.0.0.1', 'localhost'].includes(new URL(settings.url).hostname)) {
    throw new Error('the load goes to loopback addresses only');
  }
  const result = await autocannon({
    url: settings.url,
    connections: settings.connections,
    duration: settings.seconds,
    headers: settings.headers,
    servername: 'localhost',
    tlsOptions: { ca: readFileSync(settings.caFile), rejectUnauthorized: true },
  });
  return {
    requestsPerSecond: result.requests.average,
    p50: result.latency.p50,
    p99: result.latency.p99,
    failed: result.non2xx + result.errors + result.timeouts,
  };
};

void run(JSON.parse(process.env['SALLYPORT_BENCH_SETTINGS'] ?? '{}') as LoadSettings).then(
  (result) => {
    process.stdout.write(`${JSON.stringify(result)}\n`);
  },
);
