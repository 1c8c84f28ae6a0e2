import { podsOf, type Container, type Manifest, type Pod } from './manifest';

const TAG_OR_DIGEST = /(?::(?!latest(?:@|$))[\w][\w.-]*)(?:@sha256:[0-9a-f]{64})?$/;
/** Built from this repository and loaded or pushed by whoever deploys; all others are pinned by digest. */
const OWN_IMAGE = /^(?:[\w.:-]+\/)*sallyport\//;
const VOLUMES = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

/** Where a pod falls short of Pod Security "restricted", of pinned images, or of bounded resources. */
export function podFindings(manifests: readonly Manifest[]): readonly string[] {
  return podsOf(manifests).flatMap((pod) => [
    ...restrictedFindings(pod),
    ...[...pod.spec.containers, ...(pod.spec.initContainers ?? [])].flatMap((container) =>
      containerFindings(container).map((finding) => `${pod.owner}, ${container.name}: ${finding}`),
    ),
  ]);
}

function restrictedFindings({ owner, spec }: Pod): readonly string[] {
  const findings: string[] = [];
  const security = spec.securityContext ?? {};
  const expect = (condition: boolean, finding: string): void => {
    if (!condition) findings.push(`${owner}: ${finding}`);
  };
  expect(security['runAsNonRoot'] === true, 'runAsNonRoot is not true');
  expect(Number(security['runAsUser']) > 0, 'it may run as root');
  const { type } = (security['seccompProfile'] ?? {}) as { type?: string };
  expect(type === 'RuntimeDefault', 'it has no seccomp profile');
  expect(!(spec.hostNetwork ?? spec.hostPID ?? spec.hostIPC ?? false), 'it shares with the host');
  expect(spec.automountServiceAccountToken === false, 'its token is mounted');
  expect((spec.serviceAccountName ?? 'default') !== 'default', 'it has no account of its own');
  for (const volume of spec.volumes ?? []) {
    const kinds = Object.keys(volume).filter((key) => key !== 'name');
    expect(
      kinds.every((kind) => VOLUMES.has(kind)),
      `the volume ${volume.name} is ${kinds.join()}`,
    );
  }
  return findings;
}

function containerFindings(container: Container): readonly string[] {
  const findings: string[] = [];
  const expect = (condition: boolean, finding: string): void => {
    if (!condition) findings.push(finding);
  };
  const { image, resources, securityContext: security = {} } = container;
  expect(TAG_OR_DIGEST.test(image), `the image ${image} is not of one version`);
  expect(OWN_IMAGE.test(image) || image.includes('@sha256:'), `the image ${image} is not pinned`);
  for (const kind of ['requests', 'limits'] as const) {
    for (const unit of ['cpu', 'memory']) {
      expect(resources?.[kind]?.[unit] !== undefined, `there are no ${kind} of ${unit}`);
    }
  }
  expect(security['allowPrivilegeEscalation'] === false, 'it may gain privileges');
  expect(security['readOnlyRootFilesystem'] === true, 'its root file system can be written to');
  expect(security['privileged'] !== true, 'it is privileged');
  const { drop = [], add = [] } = (security['capabilities'] ?? {}) as Record<string, string[]>;
  expect(drop.includes('ALL') && add.length === 0, 'it has capabilities');
  return findings;
}
