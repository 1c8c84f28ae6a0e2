import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import {
  IdentityHeadersRejected,
  isIdentityHeader,
  isReservedHeader,
  parseIdentityHeaders,
  TRANSACTION_TOKEN_HEADER,
  TransactionTokenRejected,
  TransactionTokenVerifier,
  type Principal,
  type TransactionContext,
  type WorkloadTransaction,
} from '@sallyport/principal';
import type { InboundCall } from '../inbound/inbound-call';
import {
  attachPrincipal,
  attachTransactionToken,
  attachWorkloadTransaction,
} from '../inbound/principals';
import { refuse, type Refusal } from '../inbound/refusal';
import { spiffeIdOfService, type ServiceTrust } from '../inbound/service-trust';
import { admittedCall } from './admitted-call';
import { SERVICE_TRUST } from './service-trust.token';

/**
 * Establishes on whose behalf a call is made: from the gateway by its identity headers (R4), from any
 * other workload by a verified transaction token (R5), and by neither where the handler declares so.
 * A transaction that a workload has begun is nobody's but where the handler declares that it takes one.
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
      issuers: {
        principal: spiffeIdOfService(workload, workload.gateway),
        workload:
          workload.transactionTokenService === undefined
            ? undefined
            : spiffeIdOfService(workload, workload.transactionTokenService),
      },
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
      case 'workload-transaction': {
        const presentedToken = this.#presentedToken(call);
        attachWorkloadTransaction(carrier, this.#workloadTransactionOf(call, presentedToken));
        if (presentedToken !== undefined) attachTransactionToken(carrier, presentedToken);
        return true;
      }
      case 'session':
        throw new TypeError('@RequireSession is for a public HTTP face');
    }
  }

  #requireNoUser(call: InboundCall): void {
    if (call.headers.names.some(isReservedHeader)) {
      throw this.#refuseInitiator(call, 'user_not_accepted');
    }
  }

  #presentedToken(call: InboundCall): string | undefined {
    const [token, ...more] = call.headers.values(TRANSACTION_TOKEN_HEADER);
    // HTTP/2 stacks join repeated headers with a comma, which no token contains.
    if (more.length === 0 && !token?.includes(',')) return token;
    throw this.#refuseToken(call, 'txn_token_duplicated');
  }

  #principalOf(call: InboundCall, presentedToken: string | undefined): Principal {
    if (call.isFromGateway) return this.#principalOfHeaders(call);
    const transaction = this.#transactionOf(call, presentedToken);
    if (transaction.initiator === 'principal') return transaction.principal;
    const workload = transaction.workload.toString();
    throw this.#refuseInitiator(call, 'workload_not_accepted', workload);
  }

  #workloadTransactionOf(
    call: InboundCall,
    presentedToken: string | undefined,
  ): WorkloadTransaction {
    if (call.headers.names.some(isIdentityHeader)) {
      throw this.#refuseInitiator(call, 'user_not_accepted');
    }
    const transaction = this.#transactionOf(call, presentedToken);
    if (transaction.initiator === 'workload') return transaction;
    throw this.#refuseInitiator(call, 'user_not_accepted', transaction.principal.id);
  }

  #transactionOf(call: InboundCall, presentedToken: string | undefined): TransactionContext {
    if (presentedToken === undefined) throw this.#refuseToken(call, 'txn_token_missing');
    try {
      return this.#transactionTokens.verify(presentedToken);
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

  #refuseInitiator(call: InboundCall, reason: string, principal?: string) {
    const refusal = { type: 'authorization', status: 'PERMISSION_DENIED', reason } as const;
    return this.#refuse(call, { ...refusal, principal });
  }

  #refuseToken(call: InboundCall, reason: string, cause?: unknown) {
    return this.#refuse(call, { type: 'token', status: 'UNAUTHENTICATED', reason, cause });
  }

  #refuse(call: InboundCall, refusal: Refusal) {
    return refuse(this.#trust.events, call, refusal);
  }
}
