import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';

/** An account of the bench. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
}

/** What a client holds of a session. */
export interface SignedIn {
  readonly accessToken: string;
  /** `name=value`, as it is sent back. */
  readonly refreshCookie: string;
}

interface Call {
  readonly method: 'DELETE' | 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Answer {
  readonly status: number;
  readonly setCookie: string;
  readonly text: string;
}

const ANSWER_TIMEOUT_MS = 10_000;

export const newCredentials = (): Credentials => ({
  email: `bench-${randomUUID()}@example.com`,
  password: randomBytes(24).toString('base64url'),
});

/** Speaks to a gateway as its clients do, on connections that are kept open. */
export class GatewayClient {
  readonly #agent: Agent;

  constructor(
    readonly origin: string,
    caFile: string,
    connections = 1,
  ) {
    this.#agent = new Agent({ connect: { ca: readFileSync(caFile) }, connections });
  }

  register(credentials: Credentials): Promise<SignedIn> {
    return this.#signIn('/auth/register', json(credentials));
  }

  logIn(credentials: Credentials): Promise<SignedIn> {
    return this.#signIn('/auth/login', json(credentials));
  }

  refresh({ refreshCookie }: SignedIn): Promise<SignedIn> {
    return this.#signIn('/auth/refresh', { headers: { cookie: refreshCookie } });
  }

  async logOut({ refreshCookie }: SignedIn): Promise<void> {
    await this.#ask({ method: 'POST', path: '/auth/logout', headers: { cookie: refreshCookie } });
  }

  /** RFC 7009, for an access token. */
  async revoke({ accessToken }: SignedIn): Promise<void> {
    await this.#ask({
      method: 'POST',
      path: '/oauth2/revoke',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ token: accessToken }).toString(),
    });
  }

  async endSession(id: string, { accessToken }: SignedIn): Promise<void> {
    await this.#ask({
      method: 'DELETE',
      path: `/auth/sessions/${id}`,
      headers: bearer(accessToken),
    });
  }

  /** Reads a resource as whoever has the token, or as anybody; resolves with its JSON. */
  async get(path: string, accessToken?: string): Promise<unknown> {
    const headers = accessToken === undefined ? {} : bearer(accessToken);
    return JSON.parse((await this.#ask({ method: 'GET', path, headers })).text);
  }

  /** Posts JSON as whoever has the token; resolves with the JSON of the answer. */
  async post(
    path: string,
    accessToken: string,
    body: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const content = json(body);
    const allHeaders = { ...content.headers, ...bearer(accessToken), ...headers };
    const call = { method: 'POST', path, body: content.body, headers: allHeaders } as const;
    return JSON.parse((await this.#ask(call)).text);
  }

  /** Presents an access token; resolves with the status, whatever it is. */
  async statusOf(path: string, accessToken: string): Promise<number> {
    return (await this.#send({ method: 'GET', path, headers: bearer(accessToken) })).status;
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  async #signIn(path: string, content: Pick<Call, 'headers' | 'body'>): Promise<SignedIn> {
    const { text, setCookie } = await this.#ask({ method: 'POST', path, ...content });
    const { access_token: accessToken } = JSON.parse(text) as { access_token: string };
    return { accessToken, refreshCookie: setCookie.split(';', 1)[0] ?? '' };
  }

  /** Rejects unless the answer is a success. */
  async #ask(call: Call): Promise<Answer> {
    const answer = await this.#send(call);
    if (answer.status < 300) return answer;
    const code = /"code":"(\w+)"/.exec(answer.text)?.[1] ?? '';
    throw new Error(`${call.method} ${call.path} answered ${answer.status} ${code}`);
  }

  async #send({ path, ...options }: Call): Promise<Answer> {
    const { statusCode, headers, body } = await request(new URL(path, this.origin), {
      dispatcher: this.#agent,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
      ...options,
    });
    const text = await body.text();
    return { status: statusCode, setCookie: String(headers['set-cookie'] ?? ''), text };
  }
}

/** The header an access token is presented in. */
export const bearer = (accessToken: string): Record<string, string> => ({
  authorization: `Bearer ${accessToken}`,
});

const json = (body: unknown): { headers: Record<string, string>; body: string } => ({
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
