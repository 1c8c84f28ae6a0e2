import { SERVICES, sharedCluster, type ServiceName } from '../src/cluster-facts';
import {
  documentedMetrics,
  isShown,
  metricsAskedFor,
  readInRepository,
  runbooksOfAlerts,
} from '../src/metric-names';
import { needs } from '../src/needs';

needs('operations-listeners', 'seeded-accounts');

/** What the runtime shows of itself has a prefix of its own. */
const OF_THE_RUNTIME = /^sallyport_(?:process|nodejs)_/;

const SHORT_NAMES: Readonly<Record<ServiceName, string>> = {
  gateway: 'gateway',
  'auth-service': 'auth',
  'orders-service': 'orders',
  'billing-service': 'billing',
};

const metricsOf = new Map<ServiceName, string>();
beforeAll(async () => {
  for (const service of SERVICES) {
    const answer = await fetch(`http://${sharedCluster().operationsAddresses[service]}/metrics`);
    expect(answer.status).toBe(200);
    metricsOf.set(service, await answer.text());
  }
});

/** Type by name, of what a service shows of its own. */
function shownBy(service: ServiceName): ReadonlyMap<string, string> {
  const types = (metricsOf.get(service) ?? '').matchAll(/^# TYPE (\S+) (\S+)$/gm);
  return new Map(Array.from(types, ([, name = '', type = '']) => [name, type] as const));
}

describe('the document', () => {
  it.each(SERVICES)('lists exactly the metrics of %s, with their types', (service) => {
    const shown = [...shownBy(service)].filter(([name]) => !OF_THE_RUNTIME.test(name));
    const documented = documentedMetrics()
      .filter(({ services }) => services.includes('all') || services.includes(SHORT_NAMES[service]))
      .map(({ name, type }) => [name, type] as const);
    expect(documented.sort()).toEqual(shown.sort());
  });

  it('names every label there is', () => {
    const labels = new Map(documentedMetrics().map((metric) => [metric.name, metric.labels]));
    for (const text of metricsOf.values()) {
      for (const [, sample = '', found = ''] of text.matchAll(/^(sallyport_\w+)\{([^}]*)\}/gm)) {
        const name = sample.replace(/_(?:bucket|count|sum)$/, '');
        if (OF_THE_RUNTIME.test(sample)) continue;
        const names = Array.from(found.matchAll(/(\w+)="/g), ([, label = '']) => label);
        const own = names.filter((label) => label !== 'service' && label !== 'le');
        const known = labels.get(sample) ?? labels.get(name) ?? [];
        expect({ sample, labels: own.sort() }).toEqual({ sample, labels: [...known].sort() });
      }
    }
  });

  it('lists every alert', () => {
    const document = readInRepository('docs/observability.md') ?? '';
    for (const alert of runbooksOfAlerts().keys()) expect(document).toContain(`\`${alert}\``);
  });
});

it.each([...metricsAskedFor()])('%s asks for metrics that there are', (_, names) => {
  const shown = new Set(SERVICES.flatMap((service) => [...shownBy(service).keys()]));
  expect([...names].filter((name) => !isShown(name, shown))).toEqual([]);
});

it('has a runbook for every alert', () => {
  const runbooks = [...runbooksOfAlerts()];
  expect(runbooks.length).toBeGreaterThan(20);
  expect(runbooks.filter(([, path]) => readInRepository(path) === undefined)).toEqual([]);
});

it('shows nobody who made the requests', () => {
  const { seededAccounts } = sharedCluster();
  for (const text of metricsOf.values()) {
    for (const { email } of seededAccounts) expect(text).not.toContain(email);
    // An id of a principal, session, order or request.
    expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/);
    expect(text).not.toMatch(/"(?:\d{1,3}\.){3}\d{1,3}"/);
  }
});
