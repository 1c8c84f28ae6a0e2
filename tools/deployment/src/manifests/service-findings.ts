import { SERVICES, type ServiceName } from './expected-edges';
import { ofKind, podsOf, selects, type LabelSelector, type Manifest, type Pod } from './manifest';

const OPS_PORT = 9100;
/** What a service allows itself to end, in seconds: the constants of the services' main.ts. */
const CLOSING_SECONDS: Readonly<Record<ServiceName, number>> = {
  gateway: 30,
  'auth-service': 10,
  'orders-service': 10,
  'billing-service': 10,
};

interface DeploymentSpec {
  readonly replicas?: number;
  readonly selector: LabelSelector;
  readonly strategy: { readonly rollingUpdate?: { readonly maxUnavailable?: number | string } };
}

/** What each of the four services must have around it, and whether it fits. */
export function serviceFindings(manifests: readonly Manifest[]): readonly string[] {
  return SERVICES.flatMap((name) =>
    findingsOf(name, manifests).map((finding) => `${name}: ${finding}`),
  );
}

function findingsOf(name: ServiceName, manifests: readonly Manifest[]): readonly string[] {
  const findings: string[] = [];
  const expect = (condition: boolean, finding: string): void => {
    if (!condition) findings.push(finding);
  };
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- what was parsed has no type of its own: the caller names it
  const named = <Spec>(kind: string) =>
    ofKind<Spec>(manifests, kind).find(({ metadata }) => metadata.name === name);
  const pod = podsOf(manifests).find(({ owner }) => owner === `Deployment ${name}`);
  const deployment = named<DeploymentSpec>('Deployment');
  if (!pod || !deployment) return ['there is no Deployment'];
  const { spec } = deployment;
  expect(selects(spec.selector, pod.labels), 'the Deployment does not select its pods');
  expect(spec.replicas === undefined, 'the Deployment sets what the autoscaler decides');
  expect(spec.strategy.rollingUpdate?.maxUnavailable === 0, 'an update takes replicas away first');
  for (const constraint of pod.spec.topologySpreadConstraints ?? []) {
    expect(selects(constraint.labelSelector, pod.labels), 'a spread constraint counts other pods');
  }
  expect(pod.spec.topologySpreadConstraints?.length === 2, 'it is not spread over zones and nodes');
  expect(pod.spec.serviceAccountName === name, 'its account is not its own');
  const account = named('ServiceAccount');
  expect(account?.automountServiceAccountToken === false, 'its account mounts tokens');

  const autoscaler = named<{
    scaleTargetRef: { kind: string; name: string };
    minReplicas: number;
    maxReplicas: number;
  }>('HorizontalPodAutoscaler')?.spec;
  const target = autoscaler?.scaleTargetRef;
  expect(target?.kind === 'Deployment' && target.name === name, 'no autoscaler has it as target');
  expect((autoscaler?.minReplicas ?? 2) <= (autoscaler?.maxReplicas ?? 0), 'no range of replicas');
  const budget = named<{ selector: LabelSelector }>('PodDisruptionBudget')?.spec;
  expect(selects(budget?.selector, pod.labels), 'no disruption budget selects its pods');
  const selecting = podsOf(manifests).filter((each) => selects(budget?.selector, each.labels));
  expect(selecting.length <= 1, 'its disruption budget counts other pods');
  expect(named('NetworkPolicy') !== undefined, 'it has no network policy of its own');

  findings.push(...connectionFindings(name, pod, manifests), ...endingFindings(name, pod));
  return findings;
}

function connectionFindings(
  name: ServiceName,
  pod: Pod,
  manifests: readonly Manifest[],
): readonly string[] {
  const findings: string[] = [];
  const [container] = pod.spec.containers;
  const ports = new Map(container?.ports?.map((port) => [port.name, port.containerPort]));
  const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'] as const;
  for (const probe of probes) {
    const { path, port } = container?.[probe]?.httpGet ?? {};
    const expected = probe === 'readinessProbe' ? '/health/ready' : '/health/live';
    const number = typeof port === 'string' ? ports.get(port) : port;
    if (path !== expected || number !== OPS_PORT) findings.push(`${probe} is not ${expected}`);
  }
  const services = ofKind<{
    selector: Readonly<Record<string, string>>;
    ports: readonly { targetPort: string | number }[];
  }>(manifests, 'Service').filter(({ spec }) =>
    selects({ matchLabels: spec.selector }, pod.labels),
  );
  if (services.length === 0) findings.push('no Service leads to it');
  for (const { metadata, spec } of services) {
    for (const { targetPort } of spec.ports) {
      if (typeof targetPort === 'string' && !ports.has(targetPort)) {
        findings.push(`the Service ${metadata.name} leads to ${targetPort}, which is no port`);
      }
      if (ports.get(String(targetPort)) === OPS_PORT) {
        findings.push(`the Service ${metadata.name} leads to the operations port`);
      }
    }
    const others = podsOf(manifests).filter((each) =>
      selects({ matchLabels: spec.selector }, each.labels),
    );
    if (others.length > 1) findings.push(`the Service ${metadata.name} leads to other pods too`);
  }
  if (name !== 'gateway') {
    const grpc = services.find(({ metadata }) => metadata.name === name);
    if ((grpc?.spec as { clusterIP?: string } | undefined)?.clusterIP !== 'None') {
      findings.push('its gRPC clients see one address instead of its replicas');
    }
  }
  return findings;
}

/** The pause before the end and the end itself have to fit into what the kubelet grants. */
function endingFindings(name: ServiceName, pod: Pod): readonly string[] {
  const [container] = pod.spec.containers;
  const drain = container?.env?.find((each) => each.name === 'DRAIN_DELAY_SECONDS')?.value;
  const pause = /setTimeout\(.*, (\d+)\)/.exec(
    container?.lifecycle?.preStop?.exec?.command.join(' ') ?? '',
  )?.[1];
  const findings: string[] = [];
  if (Number(drain ?? 0) + Number(pause ?? 0) === 0) findings.push('it leaves without notice');
  // The gateway's closing time counts its drain already.
  const needed = Number(pause ?? 0) / 1000 + CLOSING_SECONDS[name];
  if (needed > (pod.spec.terminationGracePeriodSeconds ?? 30)) {
    findings.push(`it is killed before it has ended, which may take ${needed} s`);
  }
  return findings;
}
