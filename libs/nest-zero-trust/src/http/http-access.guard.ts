import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { correlationId, type SecurityEvent } from '@sallyport/observability';
import type { Principal } from '@sallyport/principal';
import { systemClock } from '@sallyport/tokens';
import { accessOf, type IdentityDeclaration } from '../declarations/access-declaration';
import { httpTargetsOf } from '../declarations/declared-handlers';
import { bearerChallenge, type BearerChallenge } from '../errors/bearer-challenge';
import { dpopChallenge } from '../errors/dpop-challenge';
import { ProblemError } from '../errors/problem-error';
import { declaredIdentity } from '../guards/admitted-call';
import { missingScopes } from '../guards/missing-scopes';
import { authenticationShortfall } from '../guards/user-authentication';
import { rawRequestOf, type HttpRequest } from '../inbound/carrier';
import { principalOf } from '../inbound/principals';
import { PUBLIC_FACE, type PublicFace } from './public-face';

/** What a token that is good lacks, as either scheme says it. */
type Lacking = Omit<BearerChallenge, 'realm' | 'error'> & {
  readonly error: 'insufficient_scope' | 'insufficient_user_authentication';
};

/**
 * Decides, for a public HTTP face, by what the handler declares and by the principal that
 * authentication has put on the request. The authentication itself comes before, as a guard or hook.
 */
@Injectable()
export class HttpAccessGuard implements CanActivate {
  readonly #face: PublicFace;

  constructor(@Inject(PUBLIC_FACE) face: PublicFace) {
    this.#face = face;
  }

  /**
   * @throws ProblemError 401 `credential_missing` or `insufficient_user_authentication` (RFC 9470 §3), 403
   * `session_required`, `insufficient_scope` (RFC 6750 §3.1) or `user_not_present`
   */
  canActivate(context: ExecutionContext): true {
    const { ownClientId } = this.#face;
    const identity = declaredIdentity(context);
    if (identity.kind === 'public') return true;
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const principal = principalOf(request);
    if (!principal) {
      this.#record(context, { type: 'authentication', reason: 'credential_missing' });
      throw new ProblemError(401, 'credential_missing', { challenge: this.#schemes() });
    }
    if (identity.kind === 'session' && !isSignedIn(principal, ownClientId)) {
      const refusal = { type: 'authorization', reason: 'session_required' } as const;
      this.#record(context, { ...refusal, principal: principal.id });
      throw new ProblemError(403, 'session_required');
    }
    this.#authorizeScopes(context, identity, principal);
    this.#authorizeAuthentication(context, principal);
    return true;
  }

  #authorizeScopes(
    context: ExecutionContext,
    identity: IdentityDeclaration,
    principal: Principal,
  ): void {
    if (!('scopes' in identity) || missingScopes(identity, principal).length === 0) return;
    const error = 'insufficient_scope';
    this.#record(context, { type: 'authorization', reason: error, principal: principal.id });
    const challenge = this.#tokenChallenge(context, { error, scope: identity.scopes.join(' ') });
    throw new ProblemError(403, error, { challenge });
  }

  /** After the scopes: authenticating again does not help whoever lacks one. */
  #authorizeAuthentication(context: ExecutionContext, principal: Principal): void {
    const [required] = accessOf(context.getHandler()).authentications;
    if (required === undefined) return;
    const { authenticationClasses: classes = [], clock = systemClock } = this.#face;
    const reason = authenticationShortfall(required, principal, { classes, clock });
    if (reason === undefined) return;
    this.#record(context, { type: 'authorization', reason, principal: principal.id });
    if (reason === 'user_not_present') throw new ProblemError(403, reason);
    const { acr, maxAge } = required;
    const challenge = this.#tokenChallenge(context, {
      error: reason,
      errorDescription: 'The user has to authenticate again, or more strongly',
      acrValues: acr,
      maxAge,
    });
    const extensions = { acr_values: acr, max_age: maxAge };
    throw new ProblemError(401, reason, { challenge, extensions });
  }

  /** Every scheme there is (RFC 9110 §11.6.1 lists several in one field). */
  #schemes(): string {
    const { realm, dpopAlgorithms: algorithms } = this.#face;
    const bearer = bearerChallenge({ realm });
    return algorithms ? `${bearer}, ${dpopChallenge({ realm, algorithms })}` : bearer;
  }

  /** By the scheme of the token that does not suffice. */
  #tokenChallenge(context: ExecutionContext, lacking: Lacking): string {
    const { realm, dpopAlgorithms: algorithms } = this.#face;
    const { headers } = rawRequestOf(context.switchToHttp().getRequest<HttpRequest>());
    return algorithms && /^dpop /i.test(headers.authorization ?? '')
      ? dpopChallenge({ realm, algorithms, ...lacking })
      : bearerChallenge({ realm, ...lacking });
  }

  #record(
    context: ExecutionContext,
    event: Pick<SecurityEvent, 'type' | 'reason' | 'principal'>,
  ): void {
    const request = rawRequestOf(context.switchToHttp().getRequest<HttpRequest>());
    const { events, clientAddressOf } = this.#face;
    events.record({
      ...event,
      outcome: 'refused',
      correlationId: correlationId(),
      target: httpTargetsOf(context.getClass(), context.getHandler())[0],
      clientAddress: clientAddressOf?.(request) ?? request.socket.remoteAddress,
    });
  }
}

/** Whether a user acts in a session of their own; a user for whom an API key or an OAuth client acts does not. */
function isSignedIn({ type, sessionId, clientId }: Principal, ownClientId: string): boolean {
  return type === 'user' && sessionId !== undefined && clientId === ownClientId;
}
