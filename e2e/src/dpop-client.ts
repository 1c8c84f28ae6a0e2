import { DpopProver } from '@sallyport/testing';
import type { ProofOverrides } from '@sallyport/testing';
import { authorizationRequest, exchangeOf, post } from './oauth-requests';
import type { Parameters, Tokens, Visitor } from './oauth-requests';
import type { PublicClient, WireHeaders } from './public-client';
import type { PublicResponse } from './public-response';

/** The answer to a request for tokens that are bound to a key. */
export interface BoundTokens extends Tokens {
  readonly token_type: string;
}

/** A client that holds a key, and proves it with its requests. */
export class DpopClient {
  readonly prover = new DpopProver();

  /** @param origin of the gateway, as everybody knows it */
  constructor(
    private readonly client: PublicClient,
    private readonly origin: string,
  ) {}

  /** A proof for an endpoint of the authorization server. */
  proofFor(endpoint: 'token' | 'par', overrides: ProofOverrides = {}): WireHeaders {
    const uri = `${this.origin}/oauth2/${endpoint}`;
    return [['DPoP', this.prover.proof({ method: 'POST', uri }, overrides)]];
  }

  /** What stands in `Authorization` and in `DPoP` when a token is used. */
  headersFor(
    path: string,
    accessToken: string,
    overrides: ProofOverrides = {},
    method = 'GET',
  ): WireHeaders {
    const uri = `${this.origin}${path}`;
    const proof = this.prover.proof({ method, uri, accessToken }, overrides);
    return [
      ['Authorization', `DPoP ${accessToken}`],
      ['DPoP', proof],
    ];
  }

  call(path: string, accessToken: string, overrides?: ProofOverrides): Promise<PublicResponse> {
    return this.client.send({ path, headers: this.headersFor(path, accessToken, overrides) });
  }

  /** Asks the token endpoint, with a proof. */
  askForTokens(parameters: Parameters, headers: WireHeaders = []): Promise<PublicResponse> {
    return post(this.client, 'token', parameters, [...headers, ...this.proofFor('token')]);
  }

  /** Tokens of somebody at a browser, for a public client. @throws Error when there are none */
  async tokensOf(
    visitor: Visitor,
    clientId: string,
    changes: Parameters = {},
  ): Promise<BoundTokens> {
    const code = await visitor.codeFor(authorizationRequest(clientId, changes));
    const { status, body, json } = await this.askForTokens(exchangeOf(clientId, code));
    if (status !== 200) throw new Error(body);
    return json as BoundTokens;
  }
}
