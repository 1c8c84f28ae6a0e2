import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { SecurityEvents } from '@sallyport/observability';
import { CLIENT_CERTIFICATE_HEADER, parseClientCertificate } from '@sallyport/principal';
import { certificateThumbprint, type Clock } from '@sallyport/tokens';
import { certificateNames, type DistinguishedName } from '@sallyport/workload-identity';
import { CLOCK, SECURITY_EVENTS } from '../app.tokens';
import { PartnerCredentialsRepository } from '../partners/partner-credentials.repository';
import { PartnersRepository } from '../partners/partners.repository';
import { parsePresentedCertificate } from '../partners/presented-certificate';
import type { PresentedCertificate } from '../partners/presented-certificate';

/** A certificate that may stand for an OAuth client, with what it calls its holder. */
export interface ClientCertificate extends PresentedCertificate {
  readonly x509: X509Certificate;
  readonly subject: DistinguishedName | undefined;
}

/** Why a certificate stands for no client, whatever is registered. */
export type ClientCertificateRefusal =
  | 'certificate_malformed'
  | 'certificate_expired'
  | 'certificate_revoked'
  /** It is a partner's, and so it is nobody else's. */
  | 'certificate_of_partner';

/**
 * Which certificate the client of a request has presented to the gateway, which verified its chain and hands it on
 * (RFC 9440). A certificate that is refused here is as good as none: what wants one refuses for want of it.
 */
@Injectable()
export class ClientCertificates {
  readonly #presented = new WeakMap<IncomingMessage, ClientCertificate>();

  constructor(
    private readonly partners: PartnersRepository,
    private readonly credentials: PartnerCredentialsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * Reads what came with a request, for {@link of}; that it came from the gateway has been decided before. Tells whether
   * anything came, good or not: then it was by the listener that demands certificates.
   */
  async read(request: IncomingMessage): Promise<boolean> {
    const values = request.headersDistinct[CLIENT_CERTIFICATE_HEADER];
    if (values === undefined) return false;
    const certificate = parse(values);
    const refusal =
      certificate === undefined ? 'certificate_malformed' : await this.refusalOf(certificate);
    if (certificate !== undefined && refusal === undefined) {
      this.#presented.set(request, certificate);
      return true;
    }
    const { 'x-client-address': clientAddress } = request.headers;
    this.events.record({
      type: 'client',
      outcome: 'refused',
      reason: refusal ?? 'certificate_malformed',
      certificate: certificate?.thumbprint,
      clientAddress: typeof clientAddress === 'string' ? clientAddress : undefined,
    });
    return true;
  }

  /** The certificate that was read with a request; undefined when there is none that could stand for a client. */
  of(request: IncomingMessage): ClientCertificate | undefined {
    return this.#presented.get(request);
  }

  private async refusalOf(
    certificate: ClientCertificate,
  ): Promise<ClientCertificateRefusal | undefined> {
    if (this.clock() > new Date(certificate.x509.validTo)) return 'certificate_expired';
    const known = await this.credentials.findCertificate(certificate.thumbprint);
    if (known?.revoked_at) return 'certificate_revoked';
    const [partner] = await this.partners.findByCertificate(certificate);
    return partner && 'certificate_of_partner';
  }
}

function parse(values: readonly string[]): ClientCertificate | undefined {
  const der = parseClientCertificate(values);
  if (der === undefined) return undefined;
  try {
    const x509 = new X509Certificate(der);
    // Bytes after the certificate would be part of its thumbprint elsewhere.
    if (x509.raw.length !== der.length) return undefined;
    const { alternativeNames, subject } = certificateNames(der);
    const thumbprint = certificateThumbprint(der);
    const presented = { thumbprint, subjectAlternativeNames: alternativeNames };
    return { ...parsePresentedCertificate(presented), x509, subject };
  } catch {
    return undefined;
  }
}
