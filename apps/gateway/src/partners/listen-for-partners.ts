import { once } from 'node:events';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { PublicCertificate } from '../listener/public-certificate';
import type { OpenPartners } from './open-partners';
import { partnerTlsOptions } from './partner-tls';

/** The listener of partners, once it listens. */
export interface PartnerListener {
  readonly port: number;
  /** Shows another certificate to the connections made from now on. */
  replaceCertificate(certificate: PublicCertificate): void;
}

/** Lets the server of partners listen; it is closed with the application it belongs to. */
export async function listenForPartners(
  server: Server,
  { listen, authorities }: Pick<OpenPartners, 'authorities' | 'listen'>,
): Promise<PartnerListener> {
  server.listen(listen.port, listen.host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    replaceCertificate: (certificate) => {
      server.setSecureContext(partnerTlsOptions(certificate, authorities));
    },
  };
}
