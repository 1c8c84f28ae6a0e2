import type { RevocationFollower, RevocationReplica } from '@sallyport/revocation';
import type { Clock } from '@sallyport/tokens';
import type { FastifyRequest } from 'fastify';
import { CredentialRefused } from '../authentication/authenticator';
import type { PartnerRevocations } from './partner-revocations';
import type { PresentedCertificate } from './presented-certificate';
import { refusedCertificate } from './token-endpoint';

export interface CertificateStandingOptions {
  readonly replica: Pick<RevocationReplica, 'isRevoked'>;
  /** Says whether the replica is complete. */
  readonly follower: Pick<RevocationFollower, 'isCurrent'>;
  /** What the authorities have revoked, where they publish that. */
  readonly revocations?: Pick<PartnerRevocations, 'isCurrent' | 'isRevoked'> | undefined;
  readonly clock: Clock;
}

/**
 * Whether a certificate, whose chain the handshake has verified, is good still: looked at on every request, because a
 * connection outlives what it was opened with. Whose it is, is not asked here.
 */
export class CertificateStanding {
  readonly #options: CertificateStandingOptions;

  constructor(options: CertificateStandingOptions) {
    this.#options = options;
  }

  /** @throws CredentialRefused */
  validate(request: FastifyRequest, certificate: PresentedCertificate): void {
    const { clock, follower, revocations } = this.#options;
    if (clock() > certificate.notAfter) throw refusedCertificate(request, 'certificate_expired');
    if (revocations?.isCurrent === false) throw unavailable('certificate_revocations_outdated');
    if (revocations?.isRevoked(certificate) === true) {
      throw refusedCertificate(request, 'certificate_revoked');
    }
    if (!follower.isCurrent) throw unavailable('revocation_unknown');
    this.validateNotRevoked(request, certificate);
  }

  /** What this system itself has revoked. @throws CredentialRefused */
  validateNotRevoked(request: FastifyRequest, { thumbprint }: PresentedCertificate): void {
    if (this.#options.replica.isRevoked('certificate', thumbprint)) {
      throw refusedCertificate(request, 'certificate_revoked');
    }
  }
}

/** It cannot be told now whether a certificate is good, or whose it is. */
export function unavailable(reason: string, cause?: unknown): CredentialRefused {
  return new CredentialRefused(reason, 503, 'authentication_unavailable', { cause });
}
