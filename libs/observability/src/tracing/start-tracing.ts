import type { Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import type { Logger } from '../logger';
import { collectorAgent } from './collector-agent';
import { QuietExporter } from './quiet-exporter';
import { traceRedisCommands } from './redis-spans';
import { samplerOf, type SamplerName } from './sampler-of';
import { traceBy } from './spans';

/** OpenTelemetry's settings, as a service's configuration has read them. */
export interface TraceSettings {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_CERTIFICATE?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_CLIENT_KEY?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_HEADERS?: Readonly<Record<string, string>> | undefined;
  readonly OTEL_SDK_DISABLED?: 'true' | 'false' | undefined;
  readonly OTEL_TRACES_SAMPLER: SamplerName;
  readonly OTEL_TRACES_SAMPLER_ARG: number;
  /** Milliseconds. */
  readonly OTEL_BSP_SCHEDULE_DELAY: number;
  readonly OTEL_BSP_MAX_QUEUE_SIZE: number;
  readonly OTEL_RESOURCE_ATTRIBUTES?: Readonly<Record<string, string>> | undefined;
}

export interface TracingOptions {
  /** `service.name` of every span. */
  readonly service: string;
  readonly settings: TraceSettings;
  readonly logger: Logger;
  /** Connects to the collector; by host name and the files of the settings when left out. */
  readonly agent?: Agent | undefined;
}

/** Whether spans are made, and how that ends. */
export interface Tracing {
  readonly isOn: boolean;
  /** Delivers what is left, for two seconds at most, and makes no more spans. Never rejects. */
  close(): Promise<void>;
}

const EXPORT_WITHIN_MS = 5_000;
const CLOSE_WITHIN_MS = 2_000;
const LARGEST_BATCH = 512;

/** No value is longer in a span; none is meant to be. */
const LONGEST_VALUE = 256;

/**
 * Makes spans in this process and exports them over OTLP/HTTP, if the settings say where to. Spans wait in a bounded queue and
 * are sent beside the work; a collector that is away costs spans, and nothing else. One per process.
 */
export function startTracing({ service, settings, logger, agent }: TracingOptions): Tracing {
  const url = collectorUrlOf(settings);
  if (url === undefined) return { isOn: false, close: () => Promise.resolve() };
  const connection = agent ?? agentOf(url, settings);
  const batch = Math.min(LARGEST_BATCH, settings.OTEL_BSP_MAX_QUEUE_SIZE);
  const exporter = new OTLPTraceExporter({
    url,
    headers: { ...settings.OTEL_EXPORTER_OTLP_HEADERS },
    timeoutMillis: EXPORT_WITHIN_MS,
    // At the end all that waits is sent at once.
    concurrencyLimit: Math.ceil(settings.OTEL_BSP_MAX_QUEUE_SIZE / batch) + 1,
    httpAgentOptions: () => connection,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      ...settings.OTEL_RESOURCE_ATTRIBUTES,
      [ATTR_SERVICE_NAME]: service,
    }),
    sampler: samplerOf(settings.OTEL_TRACES_SAMPLER, settings.OTEL_TRACES_SAMPLER_ARG),
    spanLimits: { attributeValueLengthLimit: LONGEST_VALUE },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new QuietExporter(exporter, logger),
        maxQueueSize: settings.OTEL_BSP_MAX_QUEUE_SIZE,
        maxExportBatchSize: batch,
        scheduledDelayMillis: settings.OTEL_BSP_SCHEDULE_DELAY,
        exportTimeoutMillis: EXPORT_WITHIN_MS,
      }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  traceBy(provider.getTracer('sallyport'));
  const stopRedis = traceRedisCommands();
  return {
    isOn: true,
    async close() {
      stopRedis();
      traceBy(undefined);
      const flushed = provider.shutdown().catch(() => undefined);
      await Promise.race([flushed, delay(CLOSE_WITHIN_MS, undefined, { ref: false })]);
      connection.destroy();
      context.disable();
      trace.disable();
    },
  };
}

/** Where traces go; undefined when they go nowhere. */
function collectorUrlOf(settings: TraceSettings): string | undefined {
  if (settings.OTEL_SDK_DISABLED === 'true') return undefined;
  const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: own, OTEL_EXPORTER_OTLP_ENDPOINT: base } = settings;
  return own ?? (base === undefined ? undefined : `${base}/v1/traces`);
}

function agentOf(url: string, settings: TraceSettings): Agent {
  return collectorAgent(url, {
    certificate: settings.OTEL_EXPORTER_OTLP_CERTIFICATE,
    clientCertificate: settings.OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE,
    clientKey: settings.OTEL_EXPORTER_OTLP_CLIENT_KEY,
  });
}
