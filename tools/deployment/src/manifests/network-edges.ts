import { LISTENED_PORTS } from './expected-edges';
import { podsOf, type Labels, type Manifest, type Pod } from './manifest';
import { isAllowed, isAllowedBy, namespaceLabels, type Endpoint } from './reachability';

const nameOf = (labels: Labels): string => {
  const { 'app.kubernetes.io/name': name = '?', 'app.kubernetes.io/component': component } = labels;
  return component === 'migration' ? `${name} migration` : name;
};

export const endpointOf = ({ namespace, labels }: Pod): Endpoint => ({
  namespace: namespaceLabels(namespace),
  labels,
});

/** Every connection that the policies let begin between two pods of the manifests, as `caller -> service:port`. */
export function edgesBetweenPods(manifests: readonly Manifest[]): readonly string[] {
  return connections(manifests)
    .filter((each) => isAllowed(manifests, { ...each, protocol: 'TCP' }))
    .map(({ name }) => name)
    .sort();
}

/**
 * Those that one end allows and the other does not: harmless today, and open the day the other end changes. What the public may
 * reach is not asked of those who call it.
 */
export function halfOpenEdges(
  manifests: readonly Manifest[],
  publicPorts: readonly number[],
): readonly string[] {
  return connections(manifests)
    .filter(({ port }) => !publicPorts.includes(port))
    .filter((each) => {
      const connection = { ...each, protocol: 'TCP' as const };
      return (
        isAllowedBy('Egress', manifests, connection) !==
        isAllowedBy('Ingress', manifests, connection)
      );
    })
    .map(({ name }) => name)
    .sort();
}

/** What an end that is no pod of the manifests may reach of them, or they of it, as `pod:port`. */
export function edgesWith(
  manifests: readonly Manifest[],
  other: Endpoint,
  direction: 'from' | 'to',
  {
    ports = LISTENED_PORTS,
    protocol = 'TCP',
  }: { ports?: readonly number[]; protocol?: 'TCP' | 'UDP' } = {},
): readonly string[] {
  return podsOf(manifests)
    .flatMap((pod) =>
      ports
        .filter((port) => {
          const [from, to] =
            direction === 'from' ? [other, endpointOf(pod)] : [endpointOf(pod), other];
          return isAllowed(manifests, { from, to, port, protocol });
        })
        .map((port) => `${nameOf(pod.labels)}:${port}`),
    )
    .sort();
}

function connections(
  manifests: readonly Manifest[],
): readonly { from: Endpoint; to: Endpoint; port: number; name: string }[] {
  const pods = podsOf(manifests);
  return pods.flatMap((source) =>
    pods
      .filter((target) => target !== source)
      .flatMap((target) =>
        LISTENED_PORTS.map((port) => ({
          from: endpointOf(source),
          to: endpointOf(target),
          port,
          name: `${nameOf(source.labels)} -> ${nameOf(target.labels)}:${port}`,
        })),
      ),
  );
}
