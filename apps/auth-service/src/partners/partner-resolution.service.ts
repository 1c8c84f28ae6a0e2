import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { SecurityEvents } from '@sallyport/observability';
import { SECURITY_EVENTS } from '../app.tokens';
import type { AuthConnection } from '../revocations/record-revocation';
import type { Partner } from './partner';
import { PartnerCredentialsRepository } from './partner-credentials.repository';
import { PartnersRepository } from './partners.repository';
import type { PresentedCertificate } from './presented-certificate';

/** Why a certificate, whose chain is verified, speaks for no partner. */
export type PartnerRefusal =
  | 'certificate_revoked'
  /** Registered for nobody. */
  | 'partner_unknown'
  /** It leads to one partner by one thing in it and to another by another. */
  | 'partner_ambiguous'
  | 'partner_disabled';

/** What a certificate is presented for. */
export interface Presentation {
  readonly certificate: PresentedCertificate;
  readonly clientAddress: string | undefined;
  /** Whether the certificate may well be nobody's, such as one of an OAuth client: that is then no event. */
  readonly mayBeUnknown?: boolean;
}

/** Tells which partner a certificate belongs to. */
@Injectable()
export class PartnerResolutionService {
  constructor(
    private readonly partners: PartnersRepository,
    private readonly credentials: PartnerCredentialsRepository,
    @Inject(SECURITY_EVENTS) private readonly events: SecurityEvents,
  ) {}

  /**
   * The one partner the certificate's thumbprint or one of its names is registered for. It does not verify the
   * certificate.
   *
   * @throws ServiceError UNAUTHENTICATED with a {@link PartnerRefusal}, for the gateway's log and nobody outside.
   */
  async resolve(
    { certificate, clientAddress, mayBeUnknown = false }: Presentation,
    connection?: AuthConnection,
  ): Promise<Partner> {
    const refuse = (reason: PartnerRefusal, partner?: Partner) => {
      this.events.record({
        type: 'partner',
        outcome: 'refused',
        reason,
        principal: partner?.id,
        certificate: certificate.thumbprint,
        clientAddress,
      });
      return new ServiceError('UNAUTHENTICATED', reason);
    };
    const known = await this.credentials.findCertificate(certificate.thumbprint, connection);
    if (known?.revoked_at) throw refuse('certificate_revoked');
    const [partner, another] = await this.partners.findByCertificate(certificate, connection);
    if (!partner && mayBeUnknown) throw new ServiceError('UNAUTHENTICATED', 'partner_unknown');
    if (!partner) throw refuse('partner_unknown');
    if (another) throw refuse('partner_ambiguous');
    if (partner.disabledAt) throw refuse('partner_disabled', partner);
    return partner;
  }
}
