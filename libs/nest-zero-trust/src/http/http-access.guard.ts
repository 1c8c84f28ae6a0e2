import type { IncomingMessage } from 'node:http';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { correlationId, type SecurityEvent } from '@sallyport/observability';
import type { Principal } from '@sallyport/principal';
import { httpTargetsOf } from '../declarations/declared-handlers';
import { bearerChallenge } from '../errors/bearer-challenge';
import { dpopChallenge } from '../errors/dpop-challenge';
import { ProblemError } from '../errors/problem-error';
import { declaredIdentity } from '../guards/admitted-call';
import { missingScopes } from '../guards/missing-scopes';
import { rawRequestOf, type HttpRequest } from '../inbound/carrier';
import { principalOf } from '../inbound/principals';
import { PUBLIC_FACE, type PublicFace } from './public-face';

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

  /** @throws ProblemError 401 `credential_missing`, 403 `session_required` or `insufficient_scope` (RFC 6750 §3.1) */
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
    if (!('scopes' in identity) || missingScopes(identity, principal).length === 0) return true;
    this.#record(context, {
      type: 'authorization',
      reason: 'insufficient_scope',
      principal: principal.id,
    });
    const challenge = this.#scopeChallenge(rawRequestOf(request), identity.scopes.join(' '));
    throw new ProblemError(403, 'insufficient_scope', { challenge });
  }

  /** Every scheme there is (RFC 9110 §11.6.1 lists several in one field). */
  #schemes(): string {
    const { realm, dpopAlgorithms: algorithms } = this.#face;
    const bearer = bearerChallenge({ realm });
    return algorithms ? `${bearer}, ${dpopChallenge({ realm, algorithms })}` : bearer;
  }

  /** By the scheme of the token that lacks a scope. */
  #scopeChallenge({ headers }: IncomingMessage, scope: string): string {
    const { realm, dpopAlgorithms: algorithms } = this.#face;
    const error = 'insufficient_scope';
    return algorithms && /^dpop /i.test(headers.authorization ?? '')
      ? dpopChallenge({ realm, error, scope, algorithms })
      : bearerChallenge({ realm, error, scope });
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
