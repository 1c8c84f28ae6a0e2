import { ofKind, podsOf, type Manifest, type PodSpec } from './manifest';

/** Made by Kubernetes itself in every namespace. */
const EVERYWHERE = new Set(['ConfigMap kube-root-ca.crt']);

/**
 * References to Secrets, ConfigMaps, claims and accounts that lead nowhere, and Secrets that are written out.
 *
 * @param given what whoever deploys provides, as `Secret name`
 */
export function referenceFindings(
  manifests: readonly Manifest[],
  given: ReadonlySet<string>,
): readonly string[] {
  const there = new Set(manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
  const dangling = podsOf(manifests).flatMap(({ owner, spec }) =>
    referencesOf(spec)
      .filter((each) => !there.has(each) && !given.has(each) && !EVERYWHERE.has(each))
      .map((each) => `${owner}: ${each} is not there, and nobody is said to give it`),
  );
  const missingKeys = podsOf(manifests).flatMap(({ owner, spec }) =>
    spec.containers.flatMap(({ env = [] }) =>
      env.flatMap(({ name, valueFrom }) => {
        const wanted = valueFrom?.configMapKeyRef;
        const map = ofKind(manifests, 'ConfigMap').find(
          ({ metadata }) => metadata.name === wanted?.name,
        );
        const isMissing = wanted !== undefined && map?.data?.[wanted.key] === undefined;
        return isMissing ? [`${owner}: ${name} is of a key that is not there`] : [];
      }),
    ),
  );
  const written = manifests
    .filter(({ kind }) => kind === 'Secret')
    .map(({ metadata }) => `Secret ${metadata.name}: a secret is written into the manifests`);
  return [...dangling, ...missingKeys, ...written, ...valueFindings(manifests)];
}

function referencesOf({ containers, initContainers = [], ...spec }: PodSpec): readonly string[] {
  const volumes = (spec.volumes ?? []).flatMap(
    ({ secret, configMap, persistentVolumeClaim, projected }) => [
      secret && `Secret ${secret.secretName}`,
      configMap && `ConfigMap ${configMap.name}`,
      persistentVolumeClaim && `PersistentVolumeClaim ${persistentVolumeClaim.claimName}`,
      ...(projected?.sources ?? []).flatMap((source) => [
        source.configMap && `ConfigMap ${source.configMap.name}`,
        source.secret && `Secret ${source.secret.name}`,
      ]),
    ],
  );
  const variables = [...containers, ...initContainers].flatMap(({ env = [] }) =>
    env.flatMap(({ valueFrom }) => [
      valueFrom?.secretKeyRef && `Secret ${valueFrom.secretKeyRef.name}`,
      valueFrom?.configMapKeyRef && `ConfigMap ${valueFrom.configMapKeyRef.name}`,
    ]),
  );
  const account = `ServiceAccount ${spec.serviceAccountName ?? 'default'}`;
  return [...volumes, ...variables, account].filter((each) => each !== undefined);
}

/** Passwords in URLs, private keys, and variables that are secrets by their name. */
function valueFindings(manifests: readonly Manifest[]): readonly string[] {
  return manifests.flatMap((manifest) => {
    const subject = `${manifest.kind} ${manifest.metadata.name}`;
    const text = JSON.stringify(manifest);
    const findings = /:\/\/[^/\s"'@:]*:[^/\s"'@]+@/.test(text) ? ['a URL with a password'] : [];
    if (/PRIVATE KEY/.test(text)) findings.push('a private key');
    for (const match of text.matchAll(
      /"name":"([A-Z_]*(?:PASSWORD|SECRET|TOKEN|_KEY)[A-Z_]*)","value"/g,
    )) {
      const [, name = ''] = match;
      if (!name.endsWith('_FILE')) findings.push(`a value of ${name}`);
    }
    return findings.map((finding) => `${subject}: ${finding} is written into the manifests`);
  });
}
