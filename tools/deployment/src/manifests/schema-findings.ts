import type { Manifest } from './manifest';
import { recordReads } from './recorded-reads';

interface Validated {
  validate(): void;
}

/** Packages generated from the published schemas, by API group; kubernetes-models has the built-in ones. */
const MODELS: Readonly<Record<string, string>> = {
  'cert-manager.io': '@kubernetes-models/cert-manager',
  'trust.cert-manager.io': '@kubernetes-models/cert-manager',
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
};

/** Nobody publishes their schemas to npm in a package that runs here; what they may hold is written down below. */
const OWN: Readonly<Record<string, readonly string[]>> = {
  'monitoring.coreos.com/v1 PodMonitor': [
    'selector.matchLabels',
    'podMetricsEndpoints.port',
    'podMetricsEndpoints.path',
    'podMetricsEndpoints.interval',
    'podMetricsEndpoints.scrapeTimeout',
    'podMetricsEndpoints.relabelings.targetLabel',
    'podMetricsEndpoints.relabelings.replacement',
  ],
};

/**
 * What is wrong with a manifest by the schema of its kind: values of the wrong type or not among those allowed, fields that are
 * missing, and fields that the schema does not know. The generated validators ignore the last; here a field that the
 * validator has not looked at counts as unknown.
 */
export function schemaFindings(manifest: Manifest): readonly string[] {
  const { apiVersion, kind, metadata } = manifest;
  const subject = `${kind} ${metadata.name}`;
  const own = OWN[`${apiVersion} ${kind}`];
  if (own) return ownFindings(subject, manifest.spec, own);
  const model = modelOf(apiVersion, kind);
  if (!model) return [`${subject}: there is no schema of ${apiVersion} ${kind}`];
  const instance = Object.assign(Object.create(model.prototype as object) as Validated, manifest);
  const { recorded, unread } = recordReads(instance);
  try {
    recorded.validate();
  } catch (error) {
    return [`${subject}: ${error instanceof Error ? error.message : String(error)}`];
  }
  return unread()
    .filter((path) => path !== 'apiVersion' && path !== 'kind')
    .map((path) => `${subject}: the schema does not know ${path}`);
}

function modelOf(apiVersion: string, kind: string): (new () => Validated) | undefined {
  const [group = ''] = apiVersion.split('/');
  const base = MODELS[group] ?? 'kubernetes-models';
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const models = require(`${base}/${apiVersion}`) as Readonly<
      Record<string, new () => Validated>
    >;
    return models[kind];
  } catch {
    return undefined;
  }
}

function ownFindings(subject: string, spec: unknown, known: readonly string[]): readonly string[] {
  const walk = (value: unknown, path: string): readonly string[] => {
    if (known.includes(path)) return [];
    if (Array.isArray(value)) return value.flatMap((each) => walk(each, path));
    if (typeof value !== 'object' || value === null) {
      return [`${subject}: the schema does not know spec.${path}`];
    }
    return Object.entries(value).flatMap(([key, each]) =>
      walk(each, path === '' ? key : `${path}.${key}`),
    );
  };
  return walk(spec, '');
}
