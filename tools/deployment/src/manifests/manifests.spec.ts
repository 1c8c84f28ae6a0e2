import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectedServiceEdges, SERVICES, USERS_OF_REDIS } from './expected-edges';
import { build, describeWithKustomize, OVERLAYS, type Overlay } from './kustomize';
import { podsOf, type Manifest } from './manifest';
import { edgesBetweenPods, edgesWith, halfOpenEdges } from './network-edges';
import { podFindings } from './pod-findings';
import { namespaceLabels, type Endpoint } from './reachability';
import { referenceFindings } from './reference-findings';
import { schemaFindings } from './schema-findings';
import { serviceFindings } from './service-findings';
import { settingsFindings } from './settings-findings';

const PUBLIC_PORTS = [8443, 8444, 8480];
const DOCUMENT = readFileSync(join(__dirname, '../../../../docs/kubernetes.md'), 'utf8');
/** The Secrets that the page says are to be made by whoever deploys: rows of its table that begin with the name. */
const GIVEN = new Set(
  [...DOCUMENT.matchAll(/^\| `([a-z-]+)`\s+\| Secret\b/gm)].map(
    ([, name = '']) => `Secret ${name}`,
  ),
);
/** The development authority publishes them while it runs; its arguments say which. */
const published = (manifests: readonly Manifest[]): readonly string[] =>
  podsOf(manifests).flatMap(({ spec }) =>
    spec.containers.flatMap(({ image, args = [] }) =>
      /\/secret-publisher:/.test(image)
        ? args
            .filter((each) => each.includes('=/'))
            .map((each) => `Secret ${each.split('=')[0] ?? ''}`)
        : [],
    ),
  );
const givenIn = (overlay: Overlay, manifests: readonly Manifest[]): ReadonlySet<string> =>
  overlay === 'local' ? new Set(published(manifests)) : GIVEN;

const elsewhere = (namespace: string, labels: Record<string, string> = {}): Endpoint => ({
  namespace: namespaceLabels(namespace),
  labels,
});
const OUTSIDE: Endpoint = { address: '203.0.113.9' };
const DNS = elsewhere('kube-system', { 'k8s-app': 'kube-dns' });
/** In place of the network of the external stores. */
const STORES: Endpoint = { address: '192.0.2.7' };

describeWithKustomize('the built overlays', () => {
  const built = new Map<Overlay, readonly Manifest[]>();
  beforeAll(() => {
    for (const overlay of OVERLAYS) built.set(overlay, build(overlay));
  });
  const of = (overlay: Overlay): readonly Manifest[] => built.get(overlay) ?? [];

  describe.each(OVERLAYS)('%s', (overlay) => {
    it('is as the published schemas have it', () => {
      expect(of(overlay).length).toBeGreaterThan(30);
      expect(of(overlay).flatMap(schemaFindings)).toEqual([]);
    });
    it('has no pod that is not restricted, bounded and of one version', () => {
      expect(podFindings(of(overlay))).toEqual([]);
    });
    it('has around each service what belongs to it', () => {
      expect(serviceFindings(of(overlay))).toEqual([]);
    });
    it('refers to nothing that is not there, and holds no secret', () => {
      expect(referenceFindings(of(overlay), givenIn(overlay, of(overlay)))).toEqual([]);
    });
    it('gives each service the settings it takes', () => {
      expect(settingsFindings(of(overlay))).toEqual([]);
    });
    it('enforces the restricted profile in its one namespace', () => {
      const [namespace] = of(overlay).filter(({ kind }) => kind === 'Namespace');
      expect(namespace?.metadata.labels).toMatchObject({
        'pod-security.kubernetes.io/enforce': 'restricted',
      });
      const namespaces = new Set(podsOf(of(overlay)).map((pod) => pod.namespace));
      expect([...namespaces]).toEqual([namespace?.metadata.name]);
    });

    it('lets pods call each other as the handlers declare, and nowhere else', async () => {
      const stores = [
        ...SERVICES.flatMap((name) => [
          `${name} -> postgres:5432`,
          `${name} migration -> postgres:5432`,
        ]),
        ...USERS_OF_REDIS.map((name) => `${name} -> redis:6379`),
      ];
      const expected = [...(await expectedServiceEdges()), ...(overlay === 'local' ? stores : [])];
      expect(edgesBetweenPods(of(overlay))).toEqual(expected.sort());
      expect(halfOpenEdges(of(overlay), PUBLIC_PORTS)).toEqual([]);
    });
    it('shows operations ports to the namespace that observes, and nothing else to it', () => {
      const monitoring = elsewhere('monitoring');
      const seen = edgesWith(of(overlay), monitoring, 'from');
      const isPublic = ['local', 'production', 'production-traced'].includes(overlay);
      const through = isPublic ? PUBLIC_PORTS.map((port) => `gateway:${port}`) : [];
      expect(seen).toEqual([...SERVICES.map((name) => `${name}:9100`), ...through].sort());
      expect(edgesWith(of(overlay), monitoring, 'to')).toEqual([]);
    });
    it('sends traces to the collector where it has one, and nothing else to it', () => {
      const collector = elsewhere('monitoring', { 'app.kubernetes.io/name': 'otel-collector' });
      const senders = SERVICES.map((name) => `${name}:4318`).sort();
      expect(edgesWith(of(overlay), collector, 'to', { ports: [4317, 4318] })).toEqual(
        overlay === 'production-traced' ? senders : [],
      );
    });
    it('is entered through the gateway alone', () => {
      const all = PUBLIC_PORTS.map((port) => `gateway:${port}`);
      const passedThrough = ['gateway:8443', 'gateway:8444'];
      const entered: Record<Overlay, [Endpoint, readonly string[], Endpoint | undefined]> = {
        local: [OUTSIDE, all, undefined],
        production: [OUTSIDE, all, undefined],
        'production-traced': [OUTSIDE, all, undefined],
        'production-ingress': [elsewhere('ingress-nginx'), passedThrough, OUTSIDE],
        'production-spire': [elsewhere('gateway-system'), passedThrough, OUTSIDE],
      };
      const [from, reached, shutOut] = entered[overlay];
      expect(edgesWith(of(overlay), from, 'from')).toEqual(reached);
      if (shutOut) expect(edgesWith(of(overlay), shutOut, 'from')).toEqual([]);
      if (shutOut) expect(edgesWith(of(overlay), elsewhere('default'), 'from')).toEqual([]);
    });
    it('lets every pod resolve names, and go nowhere else outside but to its stores', () => {
      const resolvers = podsOf(of(overlay)).length;
      for (const protocol of ['TCP', 'UDP'] as const) {
        expect(edgesWith(of(overlay), DNS, 'to', { ports: [53], protocol })).toHaveLength(
          resolvers,
        );
        expect(edgesWith(of(overlay), OUTSIDE, 'to', { ports: [53, 80, 8080], protocol })).toEqual(
          [],
        );
      }
      expect(edgesWith(of(overlay), elsewhere('kube-system'), 'to', { ports: [53] })).toEqual([]);
      const ports = [443, 465, 5432, 6379, 6443];
      const external = [
        ...SERVICES.flatMap((name) => [`${name}:5432`, `${name} migration:5432`]),
        ...USERS_OF_REDIS.map((name) => `${name}:6379`),
        'auth-service:465',
      ];
      // The development authority talks to the API server, wherever that is.
      const reached = overlay === 'local' ? ['dev-ca:443', 'dev-ca:6443'] : external.sort();
      expect(edgesWith(of(overlay), STORES, 'to', { ports })).toEqual(reached);
      expect(edgesWith(of(overlay), OUTSIDE, 'to', { ports })).toEqual(
        overlay === 'local' ? reached : [],
      );
    });
  });

  describe('a change is noticed:', () => {
    const withChange = (change: (text: string) => string): readonly Manifest[] => {
      const before = JSON.stringify(of('local'));
      const after = change(before);
      // A change that changes nothing would be noticed by nobody.
      expect(after).not.toBe(before);
      return JSON.parse(after) as readonly Manifest[];
    };
    const without = (subject: string) => (text: string) =>
      JSON.stringify(
        (JSON.parse(text) as Manifest[]).filter(
          ({ kind, metadata }) => `${kind} ${metadata.name}` !== subject,
        ),
      );
    const replacing = (before: RegExp | string, after: string) => (text: string) =>
      text.replace(before, after);
    const schema = (all: readonly Manifest[]) => all.flatMap(schemaFindings);
    const references = (all: readonly Manifest[]) =>
      referenceFindings(all, new Set(published(all)));

    it.each<
      [string, (text: string) => string, (all: readonly Manifest[]) => readonly string[], RegExp]
    >([
      [
        'a misspelt field',
        replacing('"readinessProbe"', '"readynessProbe"'),
        schema,
        /does not know .*readynessProbe/,
      ],
      [
        'a misspelt field on top',
        replacing('"spec":{', '"specs":{},"spec":{'),
        schema,
        /does not know specs/,
      ],
      [
        'a number as text',
        replacing('"periodSeconds":2', '"periodSeconds":"2"'),
        schema,
        /periodSeconds/,
      ],
      [
        'a kind nobody knows',
        replacing('"kind":"Deployment"', '"kind":"Deploiment"'),
        schema,
        /there is no schema/,
      ],
      ['no limits', replacing(/"limits":\{[^}]*\}/, '"limits":{}'), podFindings, /no limits of/],
      [
        'no requests',
        replacing(/"limits":(\{[^}]*\}),"requests":/, '"limits":$1,"required":'),
        podFindings,
        /no requests of/,
      ],
      [
        'the latest image',
        replacing('sallyport/gateway:0.1.0', 'sallyport/gateway:latest'),
        podFindings,
        /not of one version/,
      ],
      [
        'an image without a tag',
        replacing('sallyport/gateway:0.1.0', 'sallyport/gateway'),
        podFindings,
        /not of one version/,
      ],
      [
        'an image of others by tag',
        replacing(/@sha256:[0-9a-f]+/, ''),
        podFindings,
        /is not pinned/,
      ],
      [
        'root',
        replacing('"runAsNonRoot":true', '"runAsNonRoot":false'),
        podFindings,
        /runAsNonRoot/,
      ],
      ['no seccomp', replacing('"RuntimeDefault"', '"Unconfined"'), podFindings, /seccomp/],
      [
        'privileges to gain',
        replacing('"allowPrivilegeEscalation":false', '"allowPrivilegeEscalation":true'),
        podFindings,
        /gain privileges/,
      ],
      [
        'a root file system to write',
        replacing('"readOnlyRootFilesystem":true', '"readOnlyRootFilesystem":false'),
        podFindings,
        /root file system/,
      ],
      [
        'a capability',
        replacing('"drop":["ALL"]', '"drop":["ALL"],"add":["NET_RAW"]'),
        podFindings,
        /capabilities/,
      ],
      [
        'a folder of the host',
        replacing('"emptyDir":{"sizeLimit":"1Mi"}', '"hostPath":{"path":"/"}'),
        podFindings,
        /hostPath/,
      ],
      [
        'a token',
        replacing('"automountServiceAccountToken":false,"containers"', '"containers"'),
        podFindings,
        /token is mounted/,
      ],
      [
        'a probe of another port',
        replacing('"path":"/health/live","port":"ops"', '"path":"/health/live","port":8443'),
        serviceFindings,
        /Probe is not/,
      ],
      [
        'no autoscaler',
        without('HorizontalPodAutoscaler gateway'),
        serviceFindings,
        /no autoscaler/,
      ],
      [
        'another target',
        replacing(
          '"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"gateway"}',
          '"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"gatewey"}',
        ),
        serviceFindings,
        /no autoscaler/,
      ],
      [
        'no budget',
        without('PodDisruptionBudget orders-service'),
        serviceFindings,
        /no disruption budget/,
      ],
      [
        'no policy of its own',
        without('NetworkPolicy billing-service'),
        serviceFindings,
        /no network policy/,
      ],
      [
        'replicas taken away first',
        replacing('"maxUnavailable":0', '"maxUnavailable":1'),
        serviceFindings,
        /takes replicas away/,
      ],
      [
        'a name that hides replicas',
        replacing('"clusterIP":"None",', ''),
        serviceFindings,
        /one address/,
      ],
      [
        'an end too short',
        replacing('"terminationGracePeriodSeconds":35', '"terminationGracePeriodSeconds":25'),
        serviceFindings,
        /is killed/,
      ],
      [
        'no notice of the end',
        replacing(/"lifecycle":\{.*?\]\}\}\},/, ''),
        serviceFindings,
        /without notice/,
      ],
      [
        'a claim that is not there',
        without('PersistentVolumeClaim dev-ca'),
        references,
        /PersistentVolumeClaim dev-ca is not there/,
      ],
      [
        'an account that is not there',
        without('ServiceAccount gateway'),
        references,
        /ServiceAccount gateway is not there/,
      ],
      [
        'a secret nobody publishes',
        replacing('"gateway-svid=/', '"gateway-svit=/'),
        references,
        /Secret gateway-svid is not there/,
      ],
      [
        'a setting without a value',
        replacing(/"PUBLIC_URL":"[^"]*"/, '"PUBLIC_URI":"x"'),
        references,
        /PUBLIC_URL is of a key|of a key that is not there/,
      ],
      [
        'a password in a URL',
        replacing('"value":"billing-service:50053"', '"value":"https://a:b@c"'),
        references,
        /URL with a password/,
      ],
      [
        'a misspelt setting',
        replacing('"DRAIN_DELAY_SECONDS"', '"DRAIN_DELAY_SECOND"'),
        settingsFindings,
        /does not know DRAIN_DELAY_SECOND/,
      ],
      [
        'a setting that is not accepted',
        replacing('"0.0.0.0:8443"', '"8443"'),
        settingsFindings,
        /PUBLIC_LISTEN/,
      ],
      [
        'a file nobody mounts',
        replacing('"mountPath":"/run/sallyport/partner"', '"mountPath":"/run/sallyport/partners"'),
        settingsFindings,
        /nothing is mounted/,
      ],
    ])('%s', (_name, change, findingsOf, finding) => {
      expect(findingsOf(of('local'))).toEqual([]);
      const findings = findingsOf(withChange(change));
      expect(findings.join('\n')).toMatch(finding);
    });

    it.each<[string, (text: string) => string]>([
      ['an edge less', without('NetworkPolicy orders-service')],
      ['no denial of everything', without('NetworkPolicy default-deny')],
      [
        'a port more',
        replacing('"ports":[{"port":50053}]', '"ports":[{"port":50053},{"port":9100}]'),
      ],
      [
        'a caller more',
        replacing(
          '"app.kubernetes.io/name":"orders-service"}}}],"ports":[{"port":50053}',
          '"app.kubernetes.io/component":"service"}}}],"ports":[{"port":50053}',
        ),
      ],
    ])('%s', async (_name, change) => {
      const changed = withChange(change);
      const before = [edgesBetweenPods(of('local')), halfOpenEdges(of('local'), PUBLIC_PORTS)];
      const after = [edgesBetweenPods(changed), halfOpenEdges(changed, PUBLIC_PORTS)];
      expect(after).not.toEqual(before);
    });
  });
});
