import type { CallEdge } from '../call-graph';
import { byDefault, mountsOf, networksOf, roleOf, type ComposeFile } from './compose-file';

const SERVICES = ['gateway', 'auth-service', 'orders-service', 'billing-service'];
/** What reads the operations ports and takes traces. */
const OBSERVERS = ['prometheus', 'otel-collector'];

/** Who may meet on a network beside the edges of the call graph. */
const STORES: readonly (readonly [string, string])[] = [
  ...SERVICES.map((service) => [service, 'postgres'] as const),
  ['gateway', 'redis'],
  ['auth-service', 'redis'],
  ['postgres-certificates', 'postgres'],
  ['redis-certificates', 'redis'],
  ...SERVICES.flatMap((service) => OBSERVERS.map((observer) => [service, observer] as const)),
];

/** Networks that lead to the machine, and who may be on them. */
const OPEN_NETWORKS: Readonly<Record<string, readonly string[]>> = {
  public: ['gateway'],
  dashboards: ['grafana'],
};

function pair(one: string, other: string): string {
  return [one, other].sort().join(' and ');
}

/** Pairs that share a network, each once. */
export function neighbours({ services }: ComposeFile): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [one, first] of Object.entries(services)) {
    for (const [other, second] of Object.entries(services)) {
      const [role, otherRole] = [roleOf(one), roleOf(other)];
      if (role === otherRole) continue;
      if (networksOf(first).some((network) => networksOf(second).includes(network))) {
        found.add(pair(role, otherRole));
      }
    }
  }
  return found;
}

/** Pairs that have to reach each other: the call graph, and each service's stores. */
export function expectedNeighbours(callGraph: readonly CallEdge[]): ReadonlySet<string> {
  const edges = callGraph.map(({ caller, service }) => pair(caller, service));
  return new Set([...edges, ...STORES.map(([one, other]) => pair(one, other))]);
}

/** Who can reach whom without having to, and who cannot although it has to. Observers among themselves are their own affair. */
export function networkProblems(
  file: ComposeFile,
  callGraph: readonly CallEdge[],
): readonly string[] {
  const [present, expected] = [neighbours(file), expectedNeighbours(callGraph)];
  const roles = new Set(Object.keys(file.services).map(roleOf));
  const isOurs = (both: string): boolean =>
    both.split(' and ').some((role) => [...SERVICES, 'postgres', 'redis'].includes(role));
  const open = Object.entries(file.networks).filter(([, network]) => network?.internal !== true);
  return [
    ...[...present]
      .filter((both) => isOurs(both) && !expected.has(both))
      .map((both) => `${both} share a network`),
    ...[...expected]
      .filter((both) => both.split(' and ').every((role) => roles.has(role)) && !present.has(both))
      .map((both) => `${both} share no network`),
    ...open.flatMap(([network]) =>
      Object.entries(file.services)
        .filter(
          ([name, service]) =>
            networksOf(service).includes(network) &&
            !OPEN_NETWORKS[network]?.includes(roleOf(name)),
        )
        .map(([name]) => `${name} is on ${network}, which is not internal`),
    ),
  ];
}

/** Whoever publishes a port: the gateway, and of the profiles what people look at; on this machine alone unless told otherwise. */
export function portProblems({ services }: ComposeFile): readonly string[] {
  return Object.entries(services).flatMap(([name, { ports = [], profiles = [] }]) => {
    if (ports.length > 0 && roleOf(name) !== 'gateway' && profiles.length === 0)
      return [`${name} publishes a port`];
    return ports
      .filter((port) => !byDefault(port).startsWith('127.0.0.1:'))
      .map((port) => `${name} publishes ${port} to everybody`);
  });
}

/** Who writes a volume, and who may read what somebody else wrote there. */
const READERS: readonly (readonly [
  volume: RegExp,
  writer: string,
  readers: (volume: string) => readonly string[],
])[] = [
  [/^certificate-authority$/, 'certificates', () => []],
  [/^partner-acme$/, 'certificates', () => []],
  [/^svid-/, 'certificates', (volume) => [volume.slice('svid-'.length)]],
  [/^public-certificate$|^partner-authority$/, 'certificates', () => ['gateway']],
  [
    /^store-authority$/,
    'certificates',
    () => [...SERVICES, 'redis', 'postgres-certificates', 'redis-certificates'],
  ],
  [/^store-/, 'certificates', (volume) => [volume.slice('store-'.length)]],
  [/^secrets-/, 'secrets', (volume) => [volume.slice('secrets-'.length)]],
];

/** A service sees its own certificate and its own secrets, to read; nobody but the certificate job sees the keys of the authorities. */
export function volumeProblems({ services }: ComposeFile): readonly string[] {
  return Object.entries(services).flatMap(([name, service]) =>
    mountsOf(service).flatMap(({ source, isReadOnly, isBind }) => {
      const rule = READERS.find(([volume]) => volume.test(source));
      if (isBind || !rule) return [];
      const [, writer, readers] = rule;
      if (name === writer) return [];
      if (!readers(source).includes(roleOf(name))) return [`${name} sees ${source}`];
      return isReadOnly ? [] : [`${name} may write to ${source}`];
    }),
  );
}
