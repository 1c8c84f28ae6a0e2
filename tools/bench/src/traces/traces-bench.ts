/**
 * `npm run bench -- traces`: `GET /orders/{id}` through a gateway that keeps one trace in ten, and through one that keeps all,
 * each beside one that makes none, over the same services. A service keeps what the gateway keeps and nothing else.
 */
import type { Cluster } from '@sallyport/launcher';
import { isTraced, isTracing, startCallSpan, traceparentFor } from '@sallyport/observability';
import { endChild, firstLineOf, resultOf, startChild } from '../child';
import type { LoadResult, LoadSettings } from '../gateway/load';
import { compareInRounds, CONNECTIONS } from '../gateway/rounds';
import { bearer, GatewayClient, newCredentials } from '../gateway-client';
import { withOwnCluster } from '../own-cluster';
import { placeOrder } from '../place-order';
import { startSecondGateway } from '../second-gateway';

export const benchTraces = async (): Promise<void> => {
  measureLooks();
  const sink = startChild('traces/sink.js', {});
  try {
    const port = await firstLineOf(sink);
    const services = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_TRACES_SAMPLER_ARG: '0',
    };
    const gateway = { ...services, OTEL_SDK_DISABLED: 'true' };
    await withOwnCluster(measure, services, gateway, {
      serviceSettings: { 'orders-service': services, 'billing-service': services },
    });
  } finally {
    await endChild(sink);
  }
};

const measure = async (cluster: Cluster, home: string): Promise<void> => {
  const client = new GatewayClient(cluster.gatewayUrl, cluster.caFile);
  const signedIn = await client.register(newCredentials());
  const orderPath = await placeOrder(client, signedIn);
  await client.close();
  const loadOf = (origin: string) => async (seconds: number) => {
    const settings: LoadSettings = {
      url: `${origin}${orderPath}`,
      caFile: cluster.caFile,
      headers: bearer(signedIn.accessToken),
      connections: CONNECTIONS,
      seconds,
    };
    return (await resultOf('gateway/load.js', settings)) as LoadResult;
  };
  for (const [share, title] of [
    ['0.1', 'one trace in ten'],
    ['1', 'every trace'],
  ] as const) {
    const traced = await startSecondGateway(cluster, home, {
      OTEL_SDK_DISABLED: 'false',
      OTEL_TRACES_SAMPLER_ARG: share,
    });
    try {
      await compareInRounds(
        'GET /orders/{id}',
        { measured: title, yardstick: 'none' },
        { measured: loadOf(traced.origin), yardstick: loadOf(cluster.gatewayUrl) },
      );
    } finally {
      await traced.stop();
    }
  }
};

const TIMES = 20_000_000;

/** What is asked in each place that would make a span, while nothing is traced: all that traces cost then. */
const measureLooks = (): void => {
  const description = { name: 'GET' };
  const look = (): boolean =>
    isTracing() ||
    isTraced() ||
    startCallSpan(description) !== undefined ||
    traceparentFor(undefined) !== undefined;
  let found = 0;
  const since = performance.now();
  for (let time = 0; time < TIMES; time += 1) if (look()) found += 1;
  const nanoseconds = ((performance.now() - since) / TIMES) * 1e6;
  if (found > 0) throw new Error('something is traced in this process');
  console.log(`nothing traced: four looks take ${nanoseconds.toFixed(1)} ns`);
};
