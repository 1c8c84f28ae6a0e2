import { ConfigurationError } from '@sallyport/configuration';
import {
  FreshTlsAgent,
  startTracing,
  type Logger,
  type TraceSettings,
  type Tracing,
} from '@sallyport/observability';
import {
  authorizeId,
  mutualTlsClientOptions,
  type SpiffeId,
  type SvidSource,
} from '@sallyport/workload-identity';
import { spiffeIdOfService, type WorkloadNames } from '../inbound/service-trust';

export interface OpenTracingOptions {
  /** `service.name` of every span. */
  readonly service: string;
  /** The service's configuration. */
  readonly config: TraceSettings & { readonly TRACE_COLLECTOR_WORKLOAD?: string | undefined };
  readonly workload: Pick<WorkloadNames, 'trustDomain' | 'namespace'>;
  readonly source: SvidSource;
  readonly logger: Logger;
}

/**
 * Starts a service's traces, if its configuration says where to. A collector that is a workload has to prove it with its SVID,
 * and is shown that of this service; any other is known by its host name.
 *
 * @throws ConfigurationError for settings that contradict each other
 */
export function openTracing(options: OpenTracingOptions): Tracing {
  const { service, config, workload, source, logger } = options;
  const { TRACE_COLLECTOR_WORKLOAD: collector } = config;
  assertConsistent(config);
  return startTracing({
    ...{ service, settings: config, logger },
    ...(collector !== undefined && {
      agent: workloadAgent(source, collectorId(workload, collector)),
    }),
  });
}

/** Of `service`, or of `namespace/service`. */
function collectorId(workload: OpenTracingOptions['workload'], collector: string): SpiffeId {
  const [service = collector, namespace = workload.namespace] = collector.split('/').reverse();
  return spiffeIdOfService({ trustDomain: workload.trustDomain, namespace }, service);
}

/** Mutual TLS 1.3 to one workload, with what the source has when a connection is made. */
function workloadAgent(source: SvidSource, peer: SpiffeId): FreshTlsAgent {
  return new FreshTlsAgent(() => mutualTlsClientOptions(source.current(), authorizeId(peer)));
}

function assertConsistent(config: OpenTracingOptions['config']): void {
  const { OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: certificate } = config;
  if ((certificate === undefined) !== (config.OTEL_EXPORTER_OTLP_CLIENT_KEY === undefined)) {
    throw new ConfigurationError(
      'OTEL_EXPORTER_OTLP_CLIENT_KEY',
      'expected together with OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE',
    );
  }
  if (config.TRACE_COLLECTOR_WORKLOAD === undefined) return;
  const url = config.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? config.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (url !== undefined && !url.startsWith('https:')) {
    throw new ConfigurationError(
      'TRACE_COLLECTOR_WORKLOAD',
      'expected beside an endpoint that is an https:// URL',
    );
  }
  if ((config.OTEL_EXPORTER_OTLP_CERTIFICATE ?? certificate) !== undefined) {
    throw new ConfigurationError(
      'TRACE_COLLECTOR_WORKLOAD',
      'expected without OTEL_EXPORTER_OTLP_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE',
    );
  }
}
