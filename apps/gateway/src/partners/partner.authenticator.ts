import { RpcError } from '@sallyport/contracts';
import { createPrincipal, type Principal } from '@sallyport/principal';
import type { Revocation } from '@sallyport/revocation';
import {
  DpopProofRejected,
  TokenRejected,
  type AccessTokenClaims,
  type VerifiesAccessTokens,
} from '@sallyport/tokens';
import type { FastifyRequest } from 'fastify';
import { presentedAccessToken } from '../authentication/presented-access-token';
import { CredentialRefused, type Authenticator } from '../authentication/authenticator';
import { principalOfClaims } from '../authentication/principal-of-claims';
import { ResolutionCache } from '../authentication/resolution-cache';
import { STATUS_OF_REJECTION } from '../authentication/token-rejection-status';
import { refusedProof } from '../dpop/proof-refusal';
import { requestContextOf } from '../upstream/request-context';
import { UPSTREAM_TIMEOUT_MS } from '../upstream/upstream';
import type { PartnersClient } from '../upstream/upstream-clients';
import { upstreamProblem } from '../upstream/upstream-problem';
import {
  CertificateStanding,
  unavailable,
  type CertificateStandingOptions,
} from './certificate-standing';
import { namesOauthClient } from './oauth-client-request';
import { isPartnerRefusal } from './partner-refusal';
import { presentedCertificateOf, type PresentedCertificate } from './presented-certificate';
import { keepPartner, type Partner } from './resolved-partner';
import { isTokenRequest, refusedCertificate } from './token-endpoint';

export interface PartnerAuthenticatorOptions extends CertificateStandingOptions {
  readonly partners: Pick<PartnersClient, 'resolvePartner'>;
  /** Verifies tokens, their revocation included. */
  readonly accessTokens: VerifiesAccessTokens;
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
 * it is bound to this very certificate (RFC 8705 section 3); its scopes then count.
 *
 * A certificate that is a partner's speaks for that partner and for nobody else. Any other one speaks for nobody: it opens
 * the token endpoint to OAuth clients, who say there who they are, and proves possession of what they are given.
 *
 * That the chain leads to a partner authority, the handshake has verified.
 */
export class PartnerAuthenticator implements Authenticator {
  readonly #standing: CertificateStanding;
  readonly #options: PartnerAuthenticatorOptions;
  readonly #resolved: ResolutionCache<ResolvedCertificate>;

  constructor(options: PartnerAuthenticatorOptions) {
    this.#options = options;
    this.#standing = new CertificateStanding(options);
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

  /** Undefined as well for the token request of an OAuth client, whom the authorization server authenticates. */
  async authenticate(request: FastifyRequest): Promise<Principal | undefined> {
    const certificate = presentedCertificateOf(request.raw);
    if (certificate === undefined) return undefined;
    this.#standing.validate(request, certificate);
    return isTokenRequest(request)
      ? this.#ofTokenRequest(request, certificate)
      : this.#ofCall(request, certificate);
  }

  validateConnection(request: FastifyRequest): void {
    const certificate = presentedCertificateOf(request.raw);
    if (certificate !== undefined) this.#standing.validate(request, certificate);
  }

  forget({ kind, id }: Revocation): void {
    if (kind === 'certificate' || kind === 'client') this.#resolved.forget(revocationKey(kind, id));
  }

  /** @throws CredentialRefused */
  async #ofTokenRequest(
    request: FastifyRequest,
    certificate: PresentedCertificate,
  ): Promise<Principal | undefined> {
    const mayBeUnknown = namesOauthClient(request);
    const resolved = await this.#resolve(request, certificate, mayBeUnknown);
    if (resolved === undefined && !mayBeUnknown) {
      throw refusedCertificate(request, 'partner_refused');
    }
    return resolved?.principal;
  }

  /** @throws CredentialRefused */
  async #ofCall(request: FastifyRequest, certificate: PresentedCertificate): Promise<Principal> {
    const claims = await this.#claimsOf(request, certificate);
    const isOfOauthClient = claims !== undefined && claims.principal_type !== 'partner';
    const resolved = await this.#resolve(request, certificate, isOfOauthClient);
    if (resolved === undefined) {
      if (!isOfOauthClient) throw refusedCertificate(request, 'partner_refused');
      return principalOfClaims(claims);
    }
    if (claims === undefined) return resolved.principal;
    const { partner } = resolved;
    if (isOfOauthClient || claims.sub !== partner.id) throw refusedToken('token_partner_mismatch');
    const principal = principalOfClaims(claims);
    keepPartner(principal, partner);
    return principal;
  }

  /** Undefined when it is nobody's whom a partner could be. */
  async #resolve(
    request: FastifyRequest,
    certificate: PresentedCertificate,
    mayBeUnknown: boolean,
  ): Promise<ResolvedCertificate | undefined> {
    const resolved = await this.#resolved.resolve(certificate.thumbprint, () =>
      this.#ask(request, certificate, mayBeUnknown),
    );
    // After the answer: what was revoked while it was on its way counts as well.
    this.#standing.validateNotRevoked(request, certificate);
    return resolved;
  }

  async #ask(
    request: FastifyRequest,
    { thumbprint, names }: PresentedCertificate,
    mayBeUnknown: boolean,
  ): Promise<ResolvedCertificate | undefined> {
    const { correlationId, clientAddress } = requestContextOf(request);
    const certificate = { thumbprint, subjectAlternativeNames: [...names] };
    try {
      const { partnerId, scopes, requestsPerMinute } = await this.#options.partners.resolvePartner(
        { certificate, mayBeUnknown },
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
  }

  /**
   * The claims of the token that is presented, which is bound to the certificate; undefined when there is none.
   *
   * @throws CredentialRefused
   */
  async #claimsOf(
    request: FastifyRequest,
    { thumbprint }: PresentedCertificate,
  ): Promise<AccessTokenClaims | undefined> {
    if (request.headers.authorization === undefined) return undefined;
    const presentedToken: string | null = presentedAccessToken(request);
    if (presentedToken === null) throw refusedToken('token_malformed');
    const claims = await this.#verify(presentedToken);
    if (claims.certificateThumbprint === undefined) throw refusedToken('token_certificate_missing');
    if (claims.certificateThumbprint !== thumbprint) {
      throw refusedToken('token_certificate_mismatch');
    }
    // As on the public listener: whoever makes a proof believes that the token is bound to a key.
    if (request.headers['dpop'] !== undefined) {
      throw refusedProof(new DpopProofRejected('dpop_proof_unexpected'));
    }
    return claims;
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

function refusedToken(reason: string): CredentialRefused {
  return new CredentialRefused(reason, 401, 'invalid_token');
}

function revocationKey(kind: 'certificate' | 'client', id: string): string {
  return `${kind}:${id}`;
}
