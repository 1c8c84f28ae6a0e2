import { constants } from 'node:crypto';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { Authorizer } from './authorizer';
import type { SpiffeId } from './spiffe-id';
import { Svid } from './svid';
import { spiffeIdOfCertificate } from './svid-profile';
import { SvidRejected } from './svid-rejected.error';
import type { WorkloadContext } from './svid.source';
import { TrustBundle } from './trust-bundle';

interface MutualTlsOptions {
  readonly minVersion: 'TLSv1.3';
  readonly maxVersion: 'TLSv1.3';
  readonly cert: string;
  readonly key: string;
  readonly ca: string[];
  readonly rejectUnauthorized: true;
}

export interface MutualTlsServerOptions extends MutualTlsOptions {
  readonly requestCert: true;
  readonly secureOptions: number;
}

export type ServerIdentityCheck = (
  hostname: string,
  certificate: Pick<PeerCertificate, 'raw'>,
) => Error | undefined;

export interface MutualTlsClientOptions extends MutualTlsOptions {
  readonly checkServerIdentity: ServerIdentityCheck;
}

/**
 * Options for `tls.createServer`, `https.createServer`, and `setSecureContext` after a reload: TLS 1.3
 * only, a client certificate that leads to the bundle is demanded, no session is resumed, so that
 * every connection proves a certificate that is valid now. Whose it is, is the caller's to check:
 * {@link spiffeIdOfPeer} with an {@link Authorizer}.
 *
 * @throws {TypeError} without a context: there is no plaintext or one-sided fallback
 */
export function mutualTlsServerOptions(context: WorkloadContext): MutualTlsServerOptions {
  return {
    ...commonOptions(context),
    requestCert: true,
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
}

/**
 * Options for `tls.connect` and what is built on it: TLS 1.3 only, the own certificate presented, the
 * server's verified against the bundle, its SPIFFE ID, not its host name, against the authorizer.
 * An agent built on them must not resume sessions (`maxCachedSessions: 0`): Node does not ask
 * `checkServerIdentity` for a resumed one.
 *
 * @throws {TypeError} without a context or an authorizer
 */
export function mutualTlsClientOptions(
  context: WorkloadContext,
  authorizer: Authorizer,
): MutualTlsClientOptions {
  return { ...commonOptions(context), checkServerIdentity: serverIdentityCheck(authorizer) };
}

/**
 * The `checkServerIdentity` of a client: checks leaf profile and authorization of a server whose chain
 * the handshake has verified.
 *
 * @throws {TypeError} without an authorizer
 */
export function serverIdentityCheck(authorizer: Authorizer): ServerIdentityCheck {
  if (typeof authorizer !== 'function') throw new TypeError('an authorizer is required');
  return (_hostname, { raw }) => {
    try {
      const peer = spiffeIdOfCertificate(raw);
      if (authorizer(peer)) return undefined;
      return new SvidRejected('svid_peer_unexpected', `the server is ${peer.toString()}`);
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  };
}

/**
 * The SPIFFE ID of the other end of a mutual TLS connection, after checking its leaf profile.
 * @throws {SvidRejected} also when the handshake verified no certificate
 */
export function spiffeIdOfPeer(socket: TLSSocket): SpiffeId {
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  if (!certificate) {
    throw new SvidRejected('svid_certificate_missing', 'the peer has no verified certificate');
  }
  return spiffeIdOfCertificate(certificate.raw);
}

function commonOptions(context: WorkloadContext): MutualTlsOptions {
  requireContext(context);
  return {
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    cert: context.svid.certificateChainPem,
    key: context.svid.privateKeyPem,
    ca: [...context.bundle.rootsPem],
    rejectUnauthorized: true,
  };
}

/** Callers without types, and values that were never assigned, must not end in plaintext. */
function requireContext(context: Partial<WorkloadContext> | undefined): void {
  if (!(context?.svid instanceof Svid) || !(context.bundle instanceof TrustBundle)) {
    throw new TypeError('mutual TLS needs a workload context: an Svid and a TrustBundle');
  }
}
