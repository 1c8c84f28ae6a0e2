import { ofKind, selects, type LabelSelector, type Labels, type Manifest } from './manifest';

/** One end of a connection: a pod of these manifests, one of another namespace, or an address outside. */
export type Endpoint =
  { readonly namespace: Labels; readonly labels: Labels } | { readonly address: string };

export interface Connection {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
}

interface PolicySpec {
  readonly podSelector: LabelSelector;
  readonly policyTypes: readonly string[];
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly {
    readonly port?: number;
    readonly protocol?: string;
    readonly endPort?: number;
  }[];
}

interface Peer {
  readonly podSelector?: LabelSelector;
  readonly namespaceSelector?: LabelSelector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

export const namespaceLabels = (name: string): Labels => ({ 'kubernetes.io/metadata.name': name });

/**
 * Whether the policies let a connection begin, as the NetworkPolicy API defines it: the source's egress and the destination's
 * ingress both have to allow it; a pod that no policy of a direction selects is free in that direction; rules add up.
 */
export function isAllowed(manifests: readonly Manifest[], connection: Connection): boolean {
  return (
    isAllowedBy('Egress', manifests, connection) && isAllowedBy('Ingress', manifests, connection)
  );
}

/** One half of {@link isAllowed}. An end that is an address is under no policy. */
export function isAllowedBy(
  direction: 'Egress' | 'Ingress',
  manifests: readonly Manifest[],
  connection: Connection,
): boolean {
  const { from, to } = connection;
  const [own, other] = direction === 'Egress' ? [from, to] : [to, from];
  if ('address' in own) return true;
  const applying = ofKind<PolicySpec>(manifests, 'NetworkPolicy').filter(
    ({ metadata: { namespace = 'default' }, spec }) =>
      own.namespace['kubernetes.io/metadata.name'] === namespace &&
      spec.policyTypes.includes(direction) &&
      selects(spec.podSelector, own.labels),
  );
  if (applying.length === 0) return true;
  return applying.some(({ metadata: { namespace = 'default' }, spec }) =>
    (direction === 'Egress' ? spec.egress : spec.ingress)?.some((rule) => {
      const peers = direction === 'Egress' ? rule.to : rule.from;
      return (
        allowsPort(rule, connection) &&
        (peers === undefined || peers.some((peer) => isPeer(peer, other, namespace)))
      );
    }),
  );
}

function allowsPort({ ports }: Rule, { port, protocol }: Connection): boolean {
  if (ports === undefined) return true;
  return ports.some(
    (each) =>
      (each.protocol ?? 'TCP') === protocol &&
      (each.port === undefined || (each.port <= port && port <= (each.endPort ?? each.port))),
  );
}

function isPeer(peer: Peer, end: Endpoint, namespace: string): boolean {
  if (peer.ipBlock) return 'address' in end && isInBlock(end.address, peer.ipBlock);
  if ('address' in end) return false;
  const inNamespace = peer.namespaceSelector
    ? selects(peer.namespaceSelector, end.namespace)
    : end.namespace['kubernetes.io/metadata.name'] === namespace;
  return inNamespace && selects(peer.podSelector ?? {}, end.labels);
}

function isInBlock(
  address: string,
  { cidr, except = [] }: { readonly cidr: string; readonly except?: readonly string[] },
): boolean {
  return isIn(address, cidr) && !except.some((each) => isIn(address, each));
}

/** IPv4 alone: what is not is in no block. */
function isIn(address: string, cidr: string): boolean {
  const [network = '', bits = '32'] = cidr.split('/');
  const shift = 32 - Number(bits);
  const [own, block] = [toNumber(address), toNumber(network)];
  if (own === undefined || block === undefined) return false;
  return Math.floor(own / 2 ** shift) === Math.floor(block / 2 ** shift);
}

function toNumber(address: string): number | undefined {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
