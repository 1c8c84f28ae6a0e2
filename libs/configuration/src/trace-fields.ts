import { field, type Field } from './field';
import { integer } from './number-fields';
import { isLoopbackHost, parseUrl } from './parse-url';
import { file } from './path-fields';

/** The samplers that OpenTelemetry names in `OTEL_TRACES_SAMPLER` and that need no other service. */
export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

export type SamplerName = (typeof SAMPLERS)[number];

/**
 * The settings of traces, a record to spread into a service's schema. Names and meanings are OpenTelemetry's; without an
 * endpoint nothing is traced.
 */
export const traceFields = {
  /** The collector's base URL for OTLP over HTTP; `/v1/traces` is appended. */
  OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl().optional(),
  /** Where traces go, as it stands; before the one above. */
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collectorUrl().optional(),
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf(['http/protobuf']).optional(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: oneOf(['http/protobuf']).optional(),
  /** PEM file of who may sign for the collector's host name; what the system trusts unless given. */
  OTEL_EXPORTER_OTLP_CERTIFICATE: file().optional(),
  /** PEM files of what is presented to the collector. */
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: file().optional(),
  OTEL_EXPORTER_OTLP_CLIENT_KEY: file().optional(),
  /** Sent with every export, e.g. what authenticates to a collector of somebody else. */
  OTEL_EXPORTER_OTLP_HEADERS: pairs({ expected: 'header', secret: true }).optional(),
  /** The collector is this workload: believed by its SVID, and this service presents its own. */
  TRACE_COLLECTOR_WORKLOAD: workloadName().optional(),
  OTEL_SDK_DISABLED: oneOf(['true', 'false']).optional(),
  OTEL_TRACES_SAMPLER: oneOf(SAMPLERS).default('parentbased_traceidratio'),
  /** How many of the traces that begin here are kept, as a share. */
  OTEL_TRACES_SAMPLER_ARG: ratio().default(0.1),
  /** Milliseconds between two exports. */
  OTEL_BSP_SCHEDULE_DELAY: integer({ min: 50, max: 60_000 }).default(5_000),
  /** Spans that wait at most; what comes on top is dropped. */
  OTEL_BSP_MAX_QUEUE_SIZE: integer({ min: 1, max: 65_536 }).default(2_048),
  /** Attributes of the process that go with every span, `key=value,…`. */
  OTEL_RESOURCE_ATTRIBUTES: pairs({ expected: 'attribute', secret: false }).optional(),
} as const;

/** `https://`, or `http://` on this machine (R1): spans tell what happens inside. */
function collectorUrl(): Field<string> {
  return field({
    expected: 'an https:// URL, or http:// on this machine, without credentials, query or fragment',
    parse: (text) => {
      const url = parseUrl(text);
      if (url === undefined || /[?#]/.test(url.href)) return undefined;
      if (url.username !== '' || url.password !== '') return undefined;
      const isProtected = url.protocol === 'https:';
      const isLocal = url.protocol === 'http:' && isLoopbackHost(url.hostname);
      return isProtected || isLocal ? url.href.replace(/\/+$/, '') : undefined;
    },
  });
}

function oneOf<const Names extends readonly string[]>(names: Names): Field<Names[number]> {
  return field<Names[number]>({
    expected: names.length > 1 ? `one of ${names.join(', ')}` : names.join(''),
    parse: (text) => names.find((name) => name === text),
  });
}

/** A service, of the own namespace or with one in front. */
function workloadName(): Field<string> {
  return field({
    expected: 'a service name, or namespace/service',
    parse: (text) => {
      const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
      return new RegExp(`^(?:${label}/)?${label}$`).test(text) ? text : undefined;
    },
  });
}

function ratio(): Field<number> {
  return field({
    expected: 'a share from 0 to 1',
    parse: (text) => (/^(?:0|1|0?\.\d{1,9}|1\.0+|0\.0+)$/.test(text) ? Number(text) : undefined),
  });
}

/** `key=value` pairs with commas between, values percent-encoded, as W3C Baggage writes them. */
function pairs({
  expected,
  secret,
}: {
  readonly expected: string;
  readonly secret: boolean;
}): Field<Readonly<Record<string, string>>> {
  return field({
    expected: `${expected}=value pairs with commas between`,
    secret,
    parse: (text) => {
      const found = text.split(',').map((pair) => pairOf(pair.trim()));
      if (found.some((pair) => pair === undefined)) return undefined;
      return Object.fromEntries(found.filter((pair) => pair !== undefined));
    },
  });
}

function pairOf(text: string): readonly [string, string] | undefined {
  const [, key, value] = /^([\w.-]+)\s*=\s*([\x21-\x7e]+)$/.exec(text) ?? [];
  if (key === undefined || value === undefined) return undefined;
  try {
    return [key, decodeURIComponent(value)];
  } catch {
    return undefined;
  }
}
