import { RpcError } from '@sallyport/contracts';
import { correlationId, type SecurityEvents } from '@sallyport/observability';
import { TOKEN_EXCHANGE, WorkloadAssertionSigner } from '@sallyport/principal';
import { formatScope, type Clock } from '@sallyport/tokens';
import type { SpiffeId, SvidSource, TrustDomain } from '@sallyport/workload-identity';
import { mutualTlsAgent, type Exchange, type MutualTlsAgent } from '../http/mutual-tls-agent';
import { CORRELATION_HEADER } from '../inbound/admission';

export interface TransactionTokenClientOptions {
  readonly source: SvidSource;
  readonly trustDomain: TrustDomain;
  /** `https://host:port` of the transaction token service's internal face. */
  readonly url: string;
  /** Who has to answer there. */
  readonly service: SpiffeId;
  readonly clock: Clock;
  /** Where a server that is somebody else leaves a trace. */
  readonly events?: SecurityEvents;
}

/** One run of something that nobody has asked for from outside: a pass of a timer, a message of a queue. */
export interface WorkloadJob {
  /** As the token service's table names it, e.g. `settle-orders`. */
  readonly job: string;
  /** What the run needs, at most what the table allows. */
  readonly scopes: readonly [string, ...string[]];
}

const TIMEOUT_MS = 2_000;

/**
 * Begins transactions of this workload: obtains a transaction token from the token service by a Transaction Token request
 * (draft-ietf-oauth-transaction-tokens over RFC 8693), over mutual TLS and with a self-signed subject token. Nothing is
 * kept: a token is one transaction's, good for a minute, and goes with each of its calls as `txn-token`.
 *
 * Every method rejects with RpcError: `UNAVAILABLE txn_token_service_unavailable` when there is no answer in two seconds or
 * one that says so, `PERMISSION_DENIED txn_token_refused` when there is none to be had, `INTERNAL txn_token_reply_invalid`.
 * Nothing is tried twice: whoever began the run repeats it, as a transaction of its own.
 */
export class TransactionTokenClient {
  readonly #options: TransactionTokenClientOptions;
  readonly #agent: MutualTlsAgent;
  readonly #assertions: WorkloadAssertionSigner;

  /** @throws TypeError without a source or a service */
  constructor(options: TransactionTokenClientOptions) {
    const { source, service, events, clock } = options;
    this.#options = options;
    this.#agent = mutualTlsAgent({ source, peer: service, ...(events && { events }) });
    this.#assertions = new WorkloadAssertionSigner(source, clock);
  }

  /** @returns the transaction token of a new transaction */
  begin({ job, scopes }: WorkloadJob): Promise<string> {
    return this.#request({
      subject_token: this.#assertions.sign(this.#options.service),
      subject_token_type: TOKEN_EXCHANGE.selfSigned,
      scope: formatScope(scopes),
      request_context: JSON.stringify({ job }),
    });
  }

  /** @returns a token of the same transaction with these of its scopes, that ends when the given one does */
  narrow(token: string, scopes: WorkloadJob['scopes']): Promise<string> {
    return this.#request({
      subject_token: token,
      subject_token_type: TOKEN_EXCHANGE.transactionToken,
      scope: formatScope(scopes),
    });
  }

  close(): Promise<void> {
    return this.#agent.close();
  }

  async #request(parameters: Readonly<Record<string, string>>): Promise<string> {
    const { url, trustDomain } = this.#options;
    const form = new URLSearchParams({
      grant_type: TOKEN_EXCHANGE.grantType,
      requested_token_type: TOKEN_EXCHANGE.transactionToken,
      audience: trustDomain.toString(),
      ...parameters,
    });
    const correlation = correlationId();
    const { statusCode, content } = await this.#exchange({
      origin: new URL(url).origin,
      path: TOKEN_EXCHANGE.path,
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(correlation !== undefined && { [CORRELATION_HEADER]: correlation }),
      },
      body: form.toString(),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (statusCode === 429 || statusCode >= 500) throw unavailable();
    if (statusCode !== 200) throw new RpcError('PERMISSION_DENIED', 'txn_token_refused');
    return tokenOf(content);
  }

  async #exchange(
    options: Exchange,
  ): Promise<{ readonly statusCode: number; readonly content: unknown }> {
    try {
      const { statusCode, body } = await this.#agent.exchange(options);
      const content = await body.text();
      return { statusCode, content: statusCode === 200 ? JSON.parse(content) : undefined };
    } catch (cause) {
      if (cause instanceof SyntaxError) throw replyInvalid();
      throw unavailable(cause);
    }
  }
}

/** Reads a Txn-Token Response; a token of another kind than was asked for is none. */
function tokenOf(content: unknown): string {
  const { access_token: token, issued_token_type, token_type } = Object(content) as Reply;
  const isAsked =
    issued_token_type === TOKEN_EXCHANGE.transactionToken &&
    token_type === TOKEN_EXCHANGE.tokenType;
  if (!isAsked || typeof token !== 'string') throw replyInvalid();
  return token;
}

type Reply = Readonly<
  Partial<Record<'access_token' | 'issued_token_type' | 'token_type', unknown>>
>;

function unavailable(cause?: unknown): RpcError {
  return new RpcError('UNAVAILABLE', 'txn_token_service_unavailable', { cause });
}

function replyInvalid(): RpcError {
  return new RpcError('INTERNAL', 'txn_token_reply_invalid');
}
