import { RpcError, type RpcTransport } from '@sallyport/contracts';
import type { ReadinessCheck } from '@sallyport/observability';
import type { Clock } from '@sallyport/tokens';
import type { SvidSource } from '@sallyport/workload-identity';
import type { GatewayTransports } from '../gateway.ports';

const PROBE_TIMEOUT_MS = 800;

export interface ReadinessOptions {
  readonly source: Pick<SvidSource, 'current'>;
  readonly keySet: { readonly isLoaded: boolean };
  readonly transports: GatewayTransports;
  readonly clock: Clock;
}

/** Ready once access tokens can be verified and every service behind accepts this gateway. */
export function readinessChecks(options: ReadinessOptions): readonly ReadinessCheck[] {
  const { source, keySet, transports, clock } = options;
  return [
    {
      name: 'identity',
      check: () => {
        const { notAfter } = source.current().svid;
        return demand(clock() < notAfter, `the SVID expired at ${notAfter.toISOString()}`);
      },
    },
    {
      name: 'issuer-keys',
      check: () => demand(keySet.isLoaded, 'no key set has been loaded yet'),
    },
    ...Object.entries(transports).map(([name, transport]: [string, RpcTransport]) => ({
      name,
      check: () => probe(transport),
    })),
  ];
}

/**
 * Asks for the standard health method. That a service does not have it is answer enough: it came over mutual TLS from
 * the workload that was expected there.
 */
async function probe(transport: RpcTransport): Promise<void> {
  try {
    await transport.unary('/grpc.health.v1.Health/Check', new Uint8Array(), {
      timeoutMs: PROBE_TIMEOUT_MS,
    });
  } catch (error) {
    if (!(error instanceof RpcError) || error.status !== 'UNIMPLEMENTED') throw error;
  }
}

function demand(condition: boolean, otherwise: string): Promise<void> {
  return condition ? Promise.resolve() : Promise.reject(new Error(otherwise));
}
