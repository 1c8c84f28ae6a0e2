import { callGraph } from '../call-graph';

/** What a listener of a service is for. */
const PORTS: Readonly<Record<string, Readonly<Partial<Record<'grpc' | 'http', number>>>>> = {
  'auth-service': { grpc: 50051, http: 8451 },
  'orders-service': { grpc: 50052 },
  'billing-service': { grpc: 50053 },
};

export const SERVICES = ['gateway', 'auth-service', 'orders-service', 'billing-service'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Who has something to do with which store: the same in every profile. */
export const USERS_OF_REDIS: readonly ServiceName[] = ['gateway', 'auth-service'];

/** `gateway -> auth-service:50051`, for every edge of the call graph that the handlers declare. */
export async function expectedServiceEdges(): Promise<readonly string[]> {
  const edges = await callGraph();
  return edges
    .map(({ caller, service, transport }) => {
      const port = PORTS[service]?.[transport];
      if (port === undefined) throw new Error(`${service} has no port for ${transport}`);
      return `${caller} -> ${service}:${port}`;
    })
    .sort();
}

/** Every port that anything in the manifests listens at. */
export const LISTENED_PORTS = [
  ...[8443, 8444, 8480, 50051, 8451, 50052, 50053],
  ...[9100, 5432, 6379],
] as const;
