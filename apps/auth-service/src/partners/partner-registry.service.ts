import { Inject, Injectable } from '@nestjs/common';
import { ServiceError } from '@sallyport/nest-zero-trust';
import type { Clock } from '@sallyport/tokens';
import { CLOCK } from '../app.tokens';
import { requireCertificateName } from './certificate-name';
import { parsePartnerId, parsePartnerName, parsePartnerScopes } from './partner';
import { parseRequestsPerMinute } from './partner';
import type { Partner } from './partner';
import { PartnerChanges } from './partner-changes';
import { PartnerCredentialsRepository } from './partner-credentials.repository';
import { PartnersRepository } from './partners.repository';

/** A partner with what it is known by: thumbprints or names, never both. */
export interface RegisteredPartner extends Partner {
  readonly certificates: readonly {
    readonly thumbprint: string;
    readonly expiresAt: Date | undefined;
  }[];
  readonly names: readonly string[];
}

/** What operators decide about partners; certificates apart. */
@Injectable()
export class PartnerRegistryService {
  constructor(
    private readonly partners: PartnersRepository,
    private readonly credentials: PartnerCredentialsRepository,
    private readonly changes: PartnerChanges,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async list(): Promise<readonly RegisteredPartner[]> {
    const partners = await this.partners.list();
    const certificates = await this.credentials.liveCertificates();
    const names = await this.credentials.names();
    return partners.map((partner) => ({
      ...partner,
      certificates: certificates
        .filter(({ partner_id }) => partner_id === partner.id)
        .map(({ thumbprint, expires_at }) => ({ thumbprint, expiresAt: expires_at ?? undefined })),
      names: names.filter(({ partner_id }) => partner_id === partner.id).map(({ name }) => name),
    }));
  }

  /**
   * Registers a partner, which is known by nothing yet.
   *
   * @throws ServiceError INVALID_ARGUMENT, ALREADY_EXISTS `partner_exists`
   */
  async add(id: string, name: string, scopes: string): Promise<Partner> {
    const created = await this.partners.create({
      id: parsePartnerId(id),
      name: parsePartnerName(name),
      scopes: parsePartnerScopes(scopes),
      createdAt: this.clock(),
    });
    if (!created) throw new ServiceError('ALREADY_EXISTS', 'partner_exists');
    await this.changes.conclude([], { reason: 'partner_added' }, created.id);
    return created;
  }

  /** Sets what a partner may do; with less than before its tokens end. */
  async setScopes(id: string, presented: string): Promise<readonly string[]> {
    const scopes = parsePartnerScopes(presented);
    const trace = { reason: 'partner_scopes_changed' };
    await this.changes.carryOut(id, trace, async ({ transaction, partner, startEpoch }) => {
      await this.partners.change(transaction, id, { scopes });
      if (!partner.scopes.every((scope) => scopes.includes(scope))) await startEpoch();
    });
    return scopes;
  }

  /** Sets a limit of the partner's own, or lets the usual one apply. Its tokens end: a gateway asks anew. */
  async setLimit(id: string, presented: string): Promise<number | undefined> {
    const requestsPerMinute = parseRequestsPerMinute(presented);
    const trace = { reason: 'partner_limit_changed' };
    await this.changes.carryOut(id, trace, async ({ transaction, startEpoch }) => {
      await this.partners.change(transaction, id, { requestsPerMinute });
      await startEpoch();
    });
    return requestsPerMinute;
  }

  /** Keeps a partner out and ends its tokens. What is disabled already keeps the time of the first. */
  async disable(id: string): Promise<void> {
    const trace = { reason: 'partner_disabled' };
    await this.changes.carryOut(id, trace, async ({ transaction, partner, now, startEpoch }) => {
      await this.partners.change(transaction, id, { disabledAt: partner.disabledAt ?? now });
      await startEpoch();
    });
  }

  /** Lets a partner in again; tokens that were ended stay so. */
  async enable(id: string): Promise<void> {
    await this.changes.carryOut(id, { reason: 'partner_enabled' }, ({ transaction }) =>
      this.partners.change(transaction, id, { disabledAt: undefined }),
    );
  }

  /**
   * Lets any certificate with this name speak for the partner.
   *
   * @throws ServiceError FAILED_PRECONDITION `partner_known_by_certificates`, ALREADY_EXISTS `certificate_name_taken`
   */
  async addName(id: string, presented: string): Promise<string> {
    const name = requireCertificateName(presented);
    const trace = { reason: 'partner_name_added' };
    await this.changes.carryOut(id, trace, async ({ transaction, now }) => {
      const pinned = await this.credentials.liveCertificates(id, transaction);
      if (pinned.length > 0) {
        throw new ServiceError('FAILED_PRECONDITION', 'partner_known_by_certificates');
      }
      if (await this.credentials.addName(transaction, name, id, now)) return;
      throw new ServiceError('ALREADY_EXISTS', 'certificate_name_taken');
    });
    return name;
  }

  /** Certificates with this name speak for the partner no more. @throws ServiceError NOT_FOUND `certificate_name_not_found` */
  async removeName(id: string, presented: string): Promise<string> {
    const name = requireCertificateName(presented);
    const trace = { reason: 'partner_name_removed' };
    await this.changes.carryOut(id, trace, async ({ transaction, startEpoch }) => {
      const removed = await this.credentials.removeName(transaction, name, id);
      if (!removed) throw new ServiceError('NOT_FOUND', 'certificate_name_not_found');
      await startEpoch();
    });
    return name;
  }
}
