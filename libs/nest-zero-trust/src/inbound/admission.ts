import {
  correlationId,
  newCorrelationId,
  parseCorrelationId,
  type SecurityEvents,
} from '@sallyport/observability';
import {
  CLIENT_CERTIFICATE_HEADER,
  IDENTITY_HEADERS,
  isReservedHeader,
  TRANSACTION_TOKEN_HEADER,
} from '@sallyport/principal';
import { SvidRejected, type SpiffeId } from '@sallyport/workload-identity';
import type { InboundCall, PresentedHeaders } from './inbound-call';
import { PeerIdentities } from './peer-identities';
import { refuse, type RefusedCall } from './refusal';
import { spiffeIdOfService, type ServiceTrust } from './service-trust';

/** Carries the correlation id between services. */
export const CORRELATION_HEADER = 'x-correlation-id';

const LONGEST_TARGET = 256;
const IDENTITY_HEADER_NAMES: ReadonlySet<string> = new Set(Object.values(IDENTITY_HEADERS));

/** A call as it arrives, before anything about it is believed. */
export interface Arrival {
  readonly transport: InboundCall['transport'];
  readonly target: string;
  /** The HTTP/2 session, or the socket. */
  readonly connection: object;
  readonly socket: unknown;
  readonly peerAddress: string | undefined;
  readonly headers: PresentedHeaders;
  /** Whether what is called declares that it takes the certificate of the gateway's client. */
  readonly takesClientCertificate?: boolean;
}

/**
 * The first decision about any call behind mutual TLS, whatever it asks for: the peer is a workload of
 * the trust domain (R2), and identity headers come from the gateway or the call is refused (R4).
 * So does the certificate of the gateway's client (RFC 9440), and only where it is declared to be of use.
 */
export class Admission {
  readonly #events: SecurityEvents;
  readonly #gateway: SpiffeId;
  readonly #peers: PeerIdentities;

  constructor({ source, events, workload, clock }: Omit<ServiceTrust, 'calls' | 'logger'>) {
    this.#events = events;
    this.#gateway = spiffeIdOfService(workload, workload.gateway);
    const { trustDomain } = workload;
    this.#peers = new PeerIdentities({ trustDomain, context: () => source.current(), clock });
  }

  /** @throws ServiceError `UNAUTHENTICATED svid_…` or `PERMISSION_DENIED identity_headers_untrusted` */
  admit(arrival: Arrival): InboundCall {
    const { transport, headers, peerAddress } = arrival;
    const known: RefusedCall = {
      target: arrival.target.slice(0, LONGEST_TARGET),
      correlationId: correlationOf(headers),
      peerAddress,
    };
    const peer = this.#identify(arrival, known);
    const isFromGateway = peer.equals(this.#gateway);
    const taken = {
      isFromGateway,
      takesClientCertificate: arrival.takesClientCertificate === true,
    };
    if (headers.names.some((name) => isReservedHeader(name) && !mayBear(name, taken))) {
      throw refuse(
        this.#events,
        { ...known, peer },
        {
          type: 'authorization',
          status: 'PERMISSION_DENIED',
          reason: 'identity_headers_untrusted',
        },
      );
    }
    return { ...known, transport, headers, peer, isFromGateway };
  }

  #identify({ connection, socket }: Arrival, known: RefusedCall): SpiffeId {
    try {
      return this.#peers.identify(connection, socket);
    } catch (cause) {
      if (!(cause instanceof SvidRejected)) throw cause;
      throw refuse(this.#events, known, {
        type: 'authentication',
        status: 'UNAUTHENTICATED',
        reason: cause.code,
        detail: cause.message,
        cause,
      });
    }
  }
}

/**
 * Any workload may pass a transaction token on, only the gateway names users and their certificates; by their exact names
 * alone.
 */
function mayBear(
  reservedName: string,
  taken: { readonly isFromGateway: boolean; readonly takesClientCertificate: boolean },
): boolean {
  if (reservedName === TRANSACTION_TOKEN_HEADER) return true;
  if (!taken.isFromGateway) return false;
  if (reservedName === CLIENT_CERTIFICATE_HEADER) return taken.takesClientCertificate;
  return IDENTITY_HEADER_NAMES.has(reservedName);
}

/** The caller's correlation id where it has the right form, else the current one, else a new one. */
export function correlationOf(headers: PresentedHeaders): string {
  const [presented] = headers.values(CORRELATION_HEADER);
  return parseCorrelationId(presented) ?? correlationId() ?? newCorrelationId();
}
