import { Browser } from './browser';
import type { Customer } from './customers';
import type { PublicClient, WireHeaders } from './public-client';
import type { PublicResponse } from './public-response';

/** Where the registered clients want their answers, see `registerClient`. */
export const REDIRECT_URI = 'https://app.example/callback';

/** Of RFC 7636 appendix B. */
export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
export const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';

/** Parameters by name; one that is undefined is left out, several values are several parameters. */
export type Parameters = Readonly<Record<string, string | readonly string[] | undefined>>;

export function pairsOf(parameters: Parameters): readonly (readonly [string, string])[] {
  return Object.entries(parameters).flatMap(([name, value]) =>
    [value ?? []].flat().map((each) => [name, each] as const),
  );
}

/** What a client asks for that does everything right, with what a spec has changed. */
export function authorizationRequest(clientId: string, changes: Parameters = {}): Parameters {
  return {
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: 'openid orders:read',
    state: 'a state',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...changes,
  };
}

export function queryOf(parameters: Parameters): string {
  const pairs = pairsOf(parameters).map(([name, value]): [string, string] => [name, value]);
  return new URLSearchParams(pairs).toString();
}

export function authorizePath(parameters: Parameters): string {
  return `/oauth2/authorize?${queryOf(parameters)}`;
}

/** What a client asks the token endpoint for with a code, with what a spec has changed. */
export function exchangeOf(clientId: string, code: string, changes: Parameters = {}): Parameters {
  return {
    grant_type: 'authorization_code',
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    code,
    code_verifier: VERIFIER,
    ...changes,
  };
}

export function refreshOf(clientId: string, refreshToken: string): Parameters {
  return { grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken };
}

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token: string;
}

/** Posts a form to one of the endpoints for clients. */
export function post(
  client: PublicClient,
  endpoint: 'authorize' | 'token' | 'par' | 'logout' | 'userinfo',
  parameters: Parameters,
  headers: WireHeaders = [],
): Promise<PublicResponse> {
  const path = `/oauth2/${endpoint}`;
  return client.send({ method: 'POST', path, headers, form: pairsOf(parameters) });
}

export function basic(id: string, secret = ''): WireHeaders {
  return [['Authorization', `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`]];
}

/** Somebody at a browser, who signs in when asked to and allows everything. */
export class Visitor {
  readonly browser: Browser;

  constructor(
    client: PublicClient,
    private readonly customer: Customer,
  ) {
    this.browser = new Browser(client);
  }

  /** Opens a page and does what it asks for, until there is another answer. */
  async visit(url: string): Promise<{ readonly response: PublicResponse; readonly url: URL }> {
    let at = await this.browser.open(url);
    for (;;) {
      const { body } = at.response;
      if (body.includes('/login"'))
        at = await this.browser.submit(at, '/login', this.#credentials());
      else if (body.includes('/consent"')) at = await this.browser.submit(at, '/consent');
      else return at;
    }
  }

  /** The code a request is answered with. @throws Error when it is refused */
  async codeFor(parameters: Parameters): Promise<string> {
    const { url, response } = await this.visit(authorizePath(parameters));
    const code = url.searchParams.get('code');
    if (code === null) throw new Error(`no code: ${url.href} ${response.body}`);
    return code;
  }

  #credentials(): Readonly<Record<string, string>> {
    const { email, password } = this.customer;
    return { email, password };
  }
}
