import { TLSSocket, type DetailedPeerCertificate } from 'node:tls';
import type { Clock } from '@sallyport/tokens';
import {
  spiffeIdOfPeer,
  SvidRejected,
  verifySvidChain,
  type SpiffeId,
  type TrustBundle,
  type TrustDomain,
  type WorkloadContext,
} from '@sallyport/workload-identity';
import { bundleOfHandshake } from './handshake-bundles';
import { KnownIntermediates } from './known-intermediates';

interface PresentedPeer {
  readonly spiffeId: SpiffeId;
  readonly notBefore: number;
  readonly notAfter: number;
  /** DER, leaf first; of a client of Node 24 the leaf alone. */
  readonly chain: readonly Buffer[];
  /** What the chain was last verified with; the handshake may have used an earlier one. */
  readonly verifiedWith: TrustBundle | undefined;
}

interface PeerIdentitiesOptions {
  readonly trustDomain: TrustDomain;
  /** This workload's own identity and bundle. Asked on every call, so that a renewed bundle counts at once. */
  readonly context: () => WorkloadContext;
  readonly clock: Clock;
}

/**
 * Tells who is at the other end of a mutual TLS connection (R2). The certificate is parsed once a
 * connection; its end of validity is looked at on every call, and its chain verified anew under each new bundle. So a
 * connection that outlives its leaf is worth nothing, nor is one that outlives the trust in its root.
 */
export class PeerIdentities {
  readonly #options: PeerIdentitiesOptions;
  readonly #known = new WeakMap<object, PresentedPeer | SvidRejected>();
  readonly #intermediates = new KnownIntermediates();

  constructor(options: PeerIdentitiesOptions) {
    this.#options = options;
  }

  /**
   * @param connection lives as long as the connection: the HTTP/2 session, or the socket itself
   * @throws {SvidRejected}
   */
  identify(connection: object, socket: unknown): SpiffeId {
    const known = this.#known.get(connection);
    const peer = this.#verify(known ?? this.#read(socket));
    // A refusal, too: a connection that has lost its trust does not get it back.
    if (peer !== known) this.#known.set(connection, peer);
    if (peer instanceof SvidRejected) throw peer;
    if (this.#options.clock().getTime() > peer.notAfter) {
      throw new SvidRejected('svid_expired', 'the connection has outlived its certificate');
    }
    return peer.spiffeId;
  }

  #verify(peer: PresentedPeer | SvidRejected): PresentedPeer | SvidRejected {
    const { trustDomain, clock } = this.#options;
    const context = this.#options.context();
    this.#intermediates.note(context);
    const { bundle } = context;
    if (peer instanceof SvidRejected || peer.verifiedWith === bundle) return peer;
    // The handshake has judged the beginning of its validity, by the system's clock.
    const now = new Date(Math.max(clock().getTime(), peer.notBefore));
    return orRejected(() => {
      this.#verifyChain(peer.chain, (chain) =>
        verifySvidChain(chain, bundle, { now, trustDomain }),
      );
      return { ...peer, verifiedWith: bundle };
    });
  }

  /** @throws {SvidRejected} of the chain as it was presented, when no completion of it is trusted */
  #verifyChain(presented: readonly Buffer[], verify: (chain: readonly Buffer[]) => unknown): void {
    const refusals: unknown[] = [];
    for (const chain of this.#intermediates.completionsOf(presented)) {
      try {
        verify(chain);
        return;
      } catch (refusal) {
        refusals.push(refusal);
      }
    }
    throw refusals[0];
  }

  #read(socket: unknown): PresentedPeer | SvidRejected {
    return orRejected(() => this.#parse(socket));
  }

  #parse(socket: unknown): PresentedPeer {
    const { trustDomain } = this.#options;
    if (!(socket instanceof TLSSocket)) {
      throw new SvidRejected('svid_certificate_missing', 'the connection is not TLS');
    }
    // First of all: Node's getPeerX509Certificate takes the certificates that follow the leaf away from the connection.
    const chain = chainOf(socket);
    const spiffeId = spiffeIdOfPeer(socket);
    if (!spiffeId.trustDomain.equals(trustDomain)) {
      throw new SvidRejected('trust_domain_foreign', `${spiffeId.toString()} is a stranger`);
    }
    const certificate = socket.getPeerX509Certificate();
    const notBefore = Date.parse(certificate?.validFrom ?? '');
    const notAfter = Date.parse(certificate?.validTo ?? '');
    if (Number.isNaN(notBefore) || Number.isNaN(notAfter)) {
      throw new SvidRejected('svid_malformed', 'the leaf has no period');
    }
    // What is not shown cannot be looked at: the handshake, which has seen it, is believed as long as its bundle counts.
    const verifiedWith = chain.length === 1 ? bundleOfHandshake(socket) : undefined;
    return { spiffeId, notBefore, notAfter, chain, verifiedWith };
  }
}

/** As Node gives it: the chain may end before a root that is its own issuer. */
type ChainedCertificate = Pick<DetailedPeerCertificate, 'raw'> & {
  readonly issuerCertificate?: ChainedCertificate;
};

/** Of each connection, whoever asks first: what is traced and what is admitted are decided apart. */
const chains = new WeakMap<TLSSocket, readonly Buffer[]>();

/** The chain as the handshake has built it, without the root, which is its own issuer: that is the bundle's to say. */
function chainOf(socket: TLSSocket): readonly Buffer[] {
  const known = chains.get(socket);
  if (known !== undefined) return known;
  const chain: Buffer[] = [];
  chains.set(socket, chain);
  let certificate = socket.getPeerCertificate(true) as ChainedCertificate | undefined;
  while (certificate && certificate.issuerCertificate !== certificate) {
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

function orRejected(work: () => PresentedPeer): PresentedPeer | SvidRejected {
  try {
    return work();
  } catch (error) {
    if (error instanceof SvidRejected) return error;
    throw error;
  }
}
