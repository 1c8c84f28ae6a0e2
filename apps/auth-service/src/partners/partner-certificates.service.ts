import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Database } from '@sallyport/persistence';
import { certificateThumbprint, isCertificateThumbprint } from '@sallyport/tokens';
import type { Clock } from '@sallyport/tokens';
import { CLOCK, DATABASE } from '../app.tokens';
import type { AuthTables } from '../auth.tables';
import type { AuthConnection } from '../revocations/record-revocation';
import { parseCertificateFile, parseClientCertificate } from './certificate-file';
import type { HandedCertificate } from './certificate-file';
import { certificateRevocation, PartnerChanges } from './partner-changes';
import { PartnerCredentialsRepository } from './partner-credentials.repository';

/** The one in use and, during a renewal, its successor. */
const MOST_LIVE_CERTIFICATES = 2;

/** What operators decide about the certificates of partners. */
@Injectable()
export class PartnerCertificatesService {
  constructor(
    private readonly credentials: PartnerCredentialsRepository,
    private readonly changes: PartnerChanges,
    @Inject(DATABASE) private readonly database: Database<AuthTables>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Lets one more certificate speak for a partner.
   *
   * @throws ServiceError INVALID_ARGUMENT `certificate_file_invalid`; FAILED_PRECONDITION `partner_known_by_names`,
   * `partner_has_two_certificates`, `certificate_revoked`; ALREADY_EXISTS `certificate_taken`
   */
  async add(id: string, pem: string): Promise<HandedCertificate> {
    const certificate = parseClientCertificate(pem, this.clock());
    const { thumbprint, expiresAt } = certificate;
    const trace = { reason: 'partner_certificate_added', certificate: thumbprint };
    await this.changes.carryOut(id, trace, async ({ transaction, now }) => {
      if ((await this.credentials.names(id, transaction)).length > 0) {
        throw new ServiceError('FAILED_PRECONDITION', 'partner_known_by_names');
      }
      await this.requireNew(transaction, thumbprint);
      await this.requireRoom(transaction, id);
      const row = { thumbprint, partnerId: id, expiresAt, addedAt: now };
      // Another transaction may have added or revoked it since.
      if (!(await this.credentials.addCertificate(transaction, row))) {
        throw new ServiceError('ALREADY_EXISTS', 'certificate_taken');
      }
    });
    return certificate;
  }

  /**
   * Ends a certificate of a partner, and the tokens bound to it, when its successor is in use. It can't be added again.
   *
   * @throws ServiceError NOT_FOUND `certificate_not_found` when it is not live, or not this partner's
   */
  async retire(id: string, thumbprint: string): Promise<void> {
    const trace = { reason: 'partner_certificate_retired', certificate: thumbprint };
    await this.changes.carryOut(id, trace, async ({ transaction, now, revokeCertificate }) => {
      const live = await this.credentials.liveCertificates(id, transaction);
      if (!live.some((each) => each.thumbprint === thumbprint)) {
        throw new ServiceError('NOT_FOUND', 'certificate_not_found');
      }
      await this.credentials.revokeCertificate(transaction, thumbprint, now);
      await revokeCertificate(thumbprint);
    });
  }

  /**
   * Withdraws a certificate for good, and ends the tokens bound to it: whoever's it is, one nobody has registered too,
   * as of a partner that is known by its names.
   *
   * @param presented a thumbprint or a PEM file
   * @throws ServiceError INVALID_ARGUMENT `certificate_file_invalid`
   */
  async revoke(
    presented: string,
  ): Promise<{ readonly thumbprint: string; readonly partnerId: string | undefined }> {
    const thumbprint = isCertificateThumbprint(presented)
      ? presented
      : certificateThumbprint(parseCertificateFile(presented).raw);
    const reason = 'partner_certificate_revoked';
    const now = this.clock();
    const { partnerId, record } = await this.database.db
      .transaction()
      .execute(async (transaction) => ({
        partnerId: await this.credentials.revokeCertificate(transaction, thumbprint, now),
        record: await certificateRevocation(transaction, thumbprint, reason, now),
      }));
    await this.changes.conclude([record], { reason, certificate: thumbprint }, partnerId);
    return { thumbprint, partnerId };
  }

  private async requireNew(transaction: AuthConnection, thumbprint: string): Promise<void> {
    const known = await this.credentials.findCertificate(thumbprint, transaction);
    if (!known) return;
    throw known.revoked_at
      ? new ServiceError('FAILED_PRECONDITION', 'certificate_revoked')
      : new ServiceError('ALREADY_EXISTS', 'certificate_taken', `by ${known.partner_id ?? ''}`);
  }

  private async requireRoom(transaction: AuthConnection, id: string): Promise<void> {
    const live = await this.credentials.liveCertificates(id, transaction);
    if (live.length < MOST_LIVE_CERTIFICATES) return;
    const thumbprints = live.map((each) => each.thumbprint).join(' or ');
    throw new ServiceError(
      'FAILED_PRECONDITION',
      'partner_has_two_certificates',
      `retire one first: ${thumbprints}`,
    );
  }
}
