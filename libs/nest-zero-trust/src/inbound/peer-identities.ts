import { TLSSocket } from 'node:tls';
import type { Clock } from '@sallyport/tokens';
import {
  spiffeIdOfPeer,
  SvidRejected,
  type SpiffeId,
  type TrustDomain,
} from '@sallyport/workload-identity';

interface VerifiedPeer {
  readonly spiffeId: SpiffeId;
  readonly notAfter: number;
}

/**
 * Tells who is at the other end of a mutual TLS connection (R2). The certificate is parsed once a
 * connection; its end of validity is looked at on every call, so a connection that outlives its leaf
 * is worth nothing. The chain itself was verified in the handshake.
 */
export class PeerIdentities {
  readonly #trustDomain: TrustDomain;
  readonly #clock: Clock;
  readonly #known = new WeakMap<object, VerifiedPeer | SvidRejected>();

  constructor({
    trustDomain,
    clock,
  }: {
    readonly trustDomain: TrustDomain;
    readonly clock: Clock;
  }) {
    this.#trustDomain = trustDomain;
    this.#clock = clock;
  }

  /**
   * @param connection lives as long as the connection: the HTTP/2 session, or the socket itself
   * @throws {SvidRejected}
   */
  identify(connection: object, socket: unknown): SpiffeId {
    let peer = this.#known.get(connection);
    if (!peer) {
      peer = this.#read(socket);
      this.#known.set(connection, peer);
    }
    if (peer instanceof SvidRejected) throw peer;
    if (this.#clock().getTime() > peer.notAfter) {
      throw new SvidRejected('svid_expired', 'the connection has outlived its certificate');
    }
    return peer.spiffeId;
  }

  #read(socket: unknown): VerifiedPeer | SvidRejected {
    try {
      return this.#parse(socket);
    } catch (error) {
      if (error instanceof SvidRejected) return error;
      throw error;
    }
  }

  #parse(socket: unknown): VerifiedPeer {
    if (!(socket instanceof TLSSocket)) {
      throw new SvidRejected('svid_certificate_missing', 'the connection is not TLS');
    }
    const spiffeId = spiffeIdOfPeer(socket);
    if (!spiffeId.trustDomain.equals(this.#trustDomain)) {
      throw new SvidRejected('trust_domain_foreign', `${spiffeId.toString()} is a stranger`);
    }
    const notAfter = Date.parse(socket.getPeerX509Certificate()?.validTo ?? '');
    if (Number.isNaN(notAfter)) throw new SvidRejected('svid_malformed', 'the leaf has no end');
    return { spiffeId, notAfter };
  }
}
