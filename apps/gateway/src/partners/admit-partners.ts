import type { Server } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { recordHandshakeRefusals } from '@sallyport/nest-zero-trust';
import type { SecurityEvent, SecurityEvents } from '@sallyport/observability';
import { blockOf } from '../listener/block-count';
import { clientAddressOf } from '../listener/client-address';
import { SparseEvents } from '../listener/sparse-events';
import type { PartnerAuthorities } from './partner-authorities';
import {
  keepPresentedCertificate,
  PartnerCertificateRefused,
  readPartnerCertificate,
} from './presented-certificate';

/**
 * Lets no connection of a listener that demands client certificates reach its requests but with the certificate of a
 * partner, which is read here once. Refused ones leave an event, at most one a minute for each address block and reason.
 */
export function admitPartners(
  server: Server,
  authorities: PartnerAuthorities,
  events: SecurityEvents,
): void {
  const refusals = new CertificateRefusals(events);
  recordHandshakeRefusals(server, refusals);
  // Before the listener that begins to read requests.
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    try {
      const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
      if (certificate === undefined)
        throw new PartnerCertificateRefused('tls_certificate_untrusted');
      keepPresentedCertificate(socket, readPartnerCertificate(certificate, authorities));
    } catch (error) {
      const { remoteAddress: clientAddress, remotePort: clientPort } = socket;
      socket.destroy();
      // What cannot be read is refused like what is wrong: nothing a client presents may end the process.
      const reason =
        error instanceof PartnerCertificateRefused ? error.reason : 'tls_certificate_malformed';
      refusals.record({ type: 'transport', outcome: 'refused', reason, clientAddress, clientPort });
    }
  });
}

/** Of all failed handshakes those that are about a certificate; the others have a record of their own. */
class CertificateRefusals implements SecurityEvents {
  readonly #sparse: SparseEvents;

  constructor(events: SecurityEvents) {
    this.#sparse = new SparseEvents(events);
  }

  record(event: SecurityEvent): void {
    const { reason, clientAddress: remoteAddress } = event;
    if (!reason.startsWith('tls_certificate_')) return;
    const clientAddress = clientAddressOf({ remoteAddress });
    this.#sparse.record(`${reason} ${blockOf(clientAddress)}`, { ...event, clientAddress });
  }
}
