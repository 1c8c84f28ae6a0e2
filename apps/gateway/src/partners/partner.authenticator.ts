import { RpcError } from '@sallyport/contracts';
import { createPrincipal, type Principal } from '@sallyport/principal';
import type { Revocation, RevocationFollower, RevocationReplica } from '@sallyport/revocation';
import { TokenRejected, type Clock, type VerifiesAccessTokens } from '@sallyport/tokens';
import type { FastifyRequest } from 'fastify';
import { presentedAccessToken } from '../authentication/presented-access-token';
import { CredentialRefused, type Authenticator } from '../authentication/authenticator';
import { principalOfClaims } from '../authentication/principal-of-claims';
import { ResolutionCache } from '../authentication/resolution-cache';
import { STATUS_OF_REJECTION } from '../authentication/token-rejection-status';
import { requestContextOf } from '../upstream/request-context';
import { UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import type { PartnersClient } from '../upstream/upstream-clients';
import { upstreamProblem } from '../upstream/upstream-problem';
import { isPartnerRefusal } from './partner-refusal';
import type { PartnerRevocations } from './partner-revocations';
import { presentedCertificateOf, type PresentedCertificate } from './presented-certificate';
import { keepPartner, type Partner } from './resolved-partner';
import { refusedCertificate } from './token-endpoint';

export interface PartnerAuthenticatorOptions {
  readonly partners: Pick<PartnersClient, 'resolvePartner'>;
  /** Verifies tokens, their revocation included. */
  readonly accessTokens: VerifiesAccessTokens;
  readonly replica: Pick<RevocationReplica, 'isRevoked'>;
  /** Says whether the replica is complete. */
  readonly follower: Pick<RevocationFollower, 'isCurrent'>;
  /** What the authorities have revoked, where they publish that. */
  readonly revocations?: Pick<PartnerRevocations, 'isCurrent' | 'isRevoked'> | undefined;
  readonly clock: Clock;
  readonly maxEntries?: number;
}

interface ResolvedCertificate {
  readonly thumbprint: string;
  readonly principal: Principal;
  readonly partner: Partner;
}

const REMEMBER_MS = 60_000;
const REMEMBER_MISS_MS = 10_000;
const MOST_REMEMBERED = 10_000;

/**
 * Authenticates what comes by the partner listener: by the certificate of the connection, whose validity and revocation
 * are looked at on every request, and by the access token beside it, when there is one. A token is taken there only when
 * it is bound to this very certificate (RFC 8705 section 3) and speaks for the same partner; its scopes then count.
 *
 * That the chain leads to a partner authority, the handshake has verified.
 */
export class PartnerAuthenticator implements Authenticator {
  readonly #options: PartnerAuthenticatorOptions;
  readonly #resolved: ResolutionCache<ResolvedCertificate>;

  constructor(options: PartnerAuthenticatorOptions) {
    this.#options = options;
    this.#resolved = new ResolutionCache({
      maxEntries: options.maxEntries ?? MOST_REMEMBERED,
      rememberMs: REMEMBER_MS,
      rememberMissMs: REMEMBER_MISS_MS,
      idsOf: ({ thumbprint, partner }) => [
        revocationKey('certificate', thumbprint),
        revocationKey('client', partner.id),
      ],
    });
  }

  async authenticate(request: FastifyRequest): Promise<Principal | undefined> {
    const certificate = presentedCertificateOf(request.raw);
    if (certificate === undefined) return undefined;
    this.#validate(request, certificate);
    const resolved = await this.#resolve(request, certificate);
    // After the answer: what was revoked while it was on its way counts as well.
    if (this.#options.replica.isRevoked('certificate', certificate.thumbprint)) {
      throw refusedCertificate(request, 'certificate_revoked');
    }
    if (resolved === undefined) throw refusedCertificate(request, 'partner_refused');
    if (request.headers.authorization === undefined) return resolved.principal;
    return this.#ofToken(request, certificate, resolved.partner);
  }

  forget({ kind, id }: Revocation): void {
    if (kind === 'certificate' || kind === 'client') this.#resolved.forget(revocationKey(kind, id));
  }

  /** @throws CredentialRefused */
  #validate(request: FastifyRequest, certificate: PresentedCertificate): void {
    const { clock, follower, revocations } = this.#options;
    if (clock() > certificate.notAfter) throw refusedCertificate(request, 'certificate_expired');
    if (revocations?.isCurrent === false) throw unavailable('certificate_revocations_outdated');
    if (revocations?.isRevoked(certificate) === true) {
      throw refusedCertificate(request, 'certificate_revoked');
    }
    if (!follower.isCurrent) throw unavailable('revocation_unknown');
  }

  #resolve(
    request: FastifyRequest,
    { thumbprint, names }: PresentedCertificate,
  ): Promise<ResolvedCertificate | undefined> {
    return this.#resolved.resolve(thumbprint, async () => {
      const { correlationId, clientAddress } = requestContextOf(request);
      try {
        const { partnerId, scopes, requestsPerMinute } =
          await this.#options.partners.resolvePartner(
            { certificate: { thumbprint, subjectAlternativeNames: [...names] } },
            {
              timeoutMs: UPSTREAM_TIMEOUT_MS.read,
              metadata: { 'x-correlation-id': correlationId, 'x-client-address': clientAddress },
            },
          );
        const limit = requestsPerMinute === 0 ? undefined : requestsPerMinute;
        const partner = { id: partnerId, requestsPerMinute: limit };
        const principal = createPrincipal({
          id: partnerId,
          type: 'partner',
          clientId: partnerId,
          scopes: new Set(scopes),
        });
        keepPartner(principal, partner);
        return { thumbprint, principal, partner };
      } catch (error) {
        throwUnlessRefused(error);
        return undefined;
      }
    });
  }

  /** @throws CredentialRefused */
  async #ofToken(
    request: FastifyRequest,
    { thumbprint }: PresentedCertificate,
    partner: Partner,
  ): Promise<Principal> {
    const presentedToken: string | null = presentedAccessToken(request);
    if (presentedToken === null) throw refusedToken('token_malformed');
    const claims = await this.#verify(presentedToken);
    if (claims.certificateThumbprint === undefined) throw refusedToken('token_certificate_missing');
    if (claims.certificateThumbprint !== thumbprint) {
      throw refusedToken('token_certificate_mismatch');
    }
    if (claims.principal_type !== 'partner' || claims.sub !== partner.id) {
      throw refusedToken('token_partner_mismatch');
    }
    const principal = principalOfClaims(claims);
    keepPartner(principal, partner);
    return principal;
  }

  async #verify(presentedToken: string) {
    try {
      return await this.#options.accessTokens.verify(presentedToken);
    } catch (error) {
      if (!(error instanceof TokenRejected)) throw error;
      const { code } = error;
      throw new CredentialRefused(code, STATUS_OF_REJECTION[code], 'invalid_token', {
        cause: error,
      });
    }
  }
}

/** What says nothing about the certificate is thrown, and not remembered. */
function throwUnlessRefused(error: unknown): void {
  if (isPartnerRefusal(error)) return;
  const status = error instanceof RpcError ? error.status : undefined;
  if (status === 'UNAVAILABLE' || status === 'DEADLINE_EXCEEDED' || status === 'CANCELLED') {
    throw unavailable('partner_unresolvable', error);
  }
  throw upstreamProblem(error);
}

function unavailable(reason: string, cause?: unknown): CredentialRefused {
  return new CredentialRefused(reason, 503, 'authentication_unavailable', { cause });
}

function refusedToken(reason: string): CredentialRefused {
  return new CredentialRefused(reason, 401, 'invalid_token');
}

function revocationKey(kind: 'certificate' | 'client', id: string): string {
  return `${kind}:${id}`;
}
