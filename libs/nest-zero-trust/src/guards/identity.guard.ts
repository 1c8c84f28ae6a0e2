import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import {
  IdentityHeadersRejected,
  isReservedHeader,
  parseIdentityHeaders,
  TRANSACTION_TOKEN_HEADER,
  TransactionTokenRejected,
  TransactionTokenVerifier,
  type Principal,
} from '@sallyport/principal';
import type { InboundCall } from '../inbound/inbound-call';
import { attachPrincipal, attachTransactionToken } from '../inbound/principals';
import { refuse, type Refusal } from '../inbound/refusal';
import { spiffeIdOfService, type ServiceTrust } from '../inbound/service-trust';
import { admittedCall } from './admitted-call';
import { SERVICE_TRUST } from './service-trust.token';

/**
 * Establishes on whose behalf a call is made: from the gateway by its identity headers (R4), from any
 * other workload by a verified transaction token (R5), and by neither where the handler declares so.
 */
@Injectable()
export class IdentityGuard implements CanActivate {
  readonly #trust: ServiceTrust;
  readonly #transactionTokens: TransactionTokenVerifier;

  constructor(@Inject(SERVICE_TRUST) trust: ServiceTrust) {
    this.#trust = trust;
    const { source, workload, clock } = trust;
    this.#transactionTokens = new TransactionTokenVerifier({
      bundle: () => source.current().bundle,
      issuerId: spiffeIdOfService(workload, workload.gateway),
      trustDomain: workload.trustDomain,
      clock,
    });
  }

  /** @throws ServiceError */
  canActivate(context: ExecutionContext): true {
    const { carrier, call, identity } = admittedCall(context);
    switch (identity.kind) {
      case 'public':
        return true;
      case 'workload':
        this.#requireNoUser(call);
        return true;
      case 'principal':
      case 'scopes': {
        const presentedToken = this.#presentedToken(call);
        if (presentedToken !== undefined) attachTransactionToken(carrier, presentedToken);
        attachPrincipal(carrier, this.#principalOf(call, presentedToken));
        return true;
      }
      case 'session':
        throw new TypeError('@RequireSession is for a public HTTP face');
    }
  }

  #requireNoUser(call: InboundCall): void {
    if (!call.headers.names.some(isReservedHeader)) return;
    throw this.#refuse(call, {
      type: 'authorization',
      status: 'PERMISSION_DENIED',
      reason: 'user_not_accepted',
    });
  }

  #presentedToken(call: InboundCall): string | undefined {
    const [token, ...more] = call.headers.values(TRANSACTION_TOKEN_HEADER);
    // HTTP/2 stacks join repeated headers with a comma, which no token contains.
    if (more.length === 0 && !token?.includes(',')) return token;
    throw this.#refuseToken(call, 'txn_token_duplicated');
  }

  #principalOf(call: InboundCall, presentedToken: string | undefined): Principal {
    if (call.isFromGateway) return this.#principalOfHeaders(call);
    if (presentedToken === undefined) throw this.#refuseToken(call, 'txn_token_missing');
    try {
      return this.#transactionTokens.verify(presentedToken).principal;
    } catch (cause) {
      if (!(cause instanceof TransactionTokenRejected)) throw cause;
      throw this.#refuseToken(call, cause.code, cause);
    }
  }

  #principalOfHeaders(call: InboundCall): Principal {
    try {
      return parseIdentityHeaders((name) => call.headers.values(name));
    } catch (cause) {
      if (!(cause instanceof IdentityHeadersRejected)) throw cause;
      throw this.#refuse(call, {
        type: 'authentication',
        status: 'UNAUTHENTICATED',
        reason: cause.code,
        detail: cause.header,
        cause,
      });
    }
  }

  #refuseToken(call: InboundCall, reason: string, cause?: unknown) {
    return this.#refuse(call, { type: 'token', status: 'UNAUTHENTICATED', reason, cause });
  }

  #refuse(call: InboundCall, refusal: Refusal) {
    return refuse(this.#trust.events, call, refusal);
  }
}
