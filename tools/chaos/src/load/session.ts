import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { History, Refresh } from '../history/history';
import { isSuccess, isWorthRepeating } from './gateway-client';
import type { Answer, Call, GatewayClient } from './gateway-client';

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

export function newCredentials(): Credentials {
  return {
    email: `chaos-${randomUUID()}@example.com`,
    password: randomBytes(24).toString('base64url'),
  };
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;

/** Tries until it gets an answer that more trying does not change, or is told to stop. */
export async function persist(
  ask: () => Promise<Answer>,
  stopping: AbortSignal,
): Promise<Answer | undefined> {
  let pauseMs = FIRST_PAUSE_MS;
  while (!stopping.aborted) {
    const answer = await ask();
    if (!isWorthRepeating(answer)) return answer;
    await delay(pauseMs);
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
  return undefined;
}

/** Somebody who is signed in and stays so: renews the session, and signs in again once it is over. */
export class Session {
  userId = '';
  accessToken = '';
  cookie = '';
  #id = '';
  #generation = 0;
  #refreshing: Promise<void> | undefined;

  constructor(
    private readonly client: GatewayClient,
    private readonly history: Pick<History, 'refreshes'>,
    readonly credentials: Credentials,
    private readonly stopping: AbortSignal,
  ) {}

  async register(): Promise<this> {
    await this.#open('register');
    return this;
  }

  async logIn(): Promise<void> {
    await this.#open('login');
  }

  /** Asks as this user; with a token that is refused, once more with the next, which is of a new sign-in where that is asked for. */
  async ask(operation: string, call: Call): Promise<Answer> {
    const { accessToken } = this;
    const answer = await this.client.ask(operation, { ...call, accessToken });
    if (answer.status !== 401) return answer;
    if (answer.code === 'insufficient_user_authentication') await this.logIn();
    else if (accessToken === this.accessToken) await this.refresh();
    return this.client.ask(operation, { ...call, accessToken: this.accessToken });
  }

  /** Exchanges the refresh cookie, again and again while it is not known whether it was; signs in when it is refused. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refresh(): Promise<void> {
    const answer = await persist(async () => {
      const headers = { cookie: this.cookie };
      const sent = { method: 'POST', path: '/auth/refresh', headers } as const;
      const given = await this.client.ask('refresh', sent);
      this.history.refreshes.push({
        session: this.#id,
        generation: this.#generation,
        sentAt: given.sentAt,
        answeredAt: given.answeredAt,
        outcome: outcomeOf(given),
        code: given.code,
      });
      return given;
    }, this.stopping);
    if (answer === undefined) return;
    if (isSuccess(answer)) {
      this.#generation += 1;
      this.#take(answer);
    } else await this.logIn();
  }

  async #open(operation: 'login' | 'register'): Promise<void> {
    const answer = await persist(async () => {
      const sent = { method: 'POST', path: `/auth/${operation}`, json: this.credentials } as const;
      const given = await this.client.ask(operation, sent);
      // Registered already, by an attempt whose answer was lost.
      return given.status === 409
        ? this.client.ask('login', { ...sent, path: '/auth/login' })
        : given;
    }, this.stopping);
    if (answer === undefined || !isSuccess(answer)) return;
    this.#generation = 0;
    this.#take(answer);
    const claims = claimsOf(this.accessToken);
    this.userId = String(claims['sub']);
    this.#id = String(claims['sid']);
  }

  #take({ json, cookie }: Answer): void {
    this.accessToken = String(json['access_token']);
    this.cookie = cookie ?? this.cookie;
  }
}

function outcomeOf(answer: Answer): Refresh['outcome'] {
  if (isSuccess(answer)) return 'exchanged';
  return isWorthRepeating(answer) ? 'unknown' : 'refused';
}

/** What a token says; the gateway is who verifies it. */
export function claimsOf(unverifiedToken: string): Readonly<Record<string, unknown>> {
  const [, payload = ''] = unverifiedToken.split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<string, unknown>;
}
