import { Inject, Injectable } from '@nestjs/common';
import type { CallOptions } from '@sallyport/contracts';
import {
  encodeIdentityHeaders,
  TRANSACTION_TOKEN_HEADER,
  type Principal,
  type TransactionTokenMinter,
} from '@sallyport/principal';
import type { RequestContext } from './request-context';
import { upstreamProblem } from './upstream-problem';

export const TRANSACTION_TOKENS = Symbol('TransactionTokens');

/** Mints the token that carries the principal past the first hop. */
export type TransactionTokens = Pick<TransactionTokenMinter, 'mint'>;

/** How long a call may take, in milliseconds. */
export const UPSTREAM_TIMEOUT_MS = {
  read: 2_000,
  /** A write may call another service in turn, which has two seconds. */
  write: 5_000,
  /** A password hash costs time by design, more of it when several wait. */
  password: 8_000,
} as const;

/**
 * Calls services on behalf of a request. The metadata of each call is an object of its own, made of what the gateway has
 * verified or generated; it has no access to the client's headers (R6).
 */
@Injectable()
export class Upstream {
  readonly #transactionTokens: TransactionTokens;
  readonly #identityHeaders = new WeakMap<Principal, Readonly<Record<string, string>>>();

  constructor(@Inject(TRANSACTION_TOKENS) transactionTokens: TransactionTokens) {
    this.#transactionTokens = transactionTokens;
  }

  /** @throws ProblemError or RpcError, as {@link upstreamProblem} says */
  async call<Response>(
    context: RequestContext,
    timeoutMs: number,
    invoke: (options: CallOptions) => Promise<Response>,
  ): Promise<Response> {
    try {
      return await invoke({ timeoutMs, metadata: this.metadataOf(context) });
    } catch (error) {
      throw upstreamProblem(error);
    }
  }

  /** The whole metadata of a call for this request. */
  metadataOf(context: RequestContext): Record<string, string> {
    const { principal, correlationId, clientAddress } = context;
    const anonymous = { 'x-correlation-id': correlationId, 'x-client-address': clientAddress };
    if (principal === undefined) return anonymous;
    return {
      ...anonymous,
      ...this.#identityHeadersOf(principal),
      [TRANSACTION_TOKEN_HEADER]: this.#transactionTokens.mint({ principal, context }),
    };
  }

  #identityHeadersOf(principal: Principal): Readonly<Record<string, string>> {
    const known = this.#identityHeaders.get(principal);
    if (known !== undefined) return known;
    const headers = encodeIdentityHeaders(principal);
    this.#identityHeaders.set(principal, headers);
    return headers;
  }
}
