import { setTimeout as delay } from 'node:timers/promises';
import type { History } from '../history/history';
import { isSuccess } from './gateway-client';
import type { Answer, Call, GatewayClient } from './gateway-client';
import type { Random } from './random';
import { claimsOf, persist } from './session';
import type { Session } from './session';

const PAUSE_MS = 1_200;
/** How often a revoked credential is presented: without a pause at first, now and then for as long as the load lasts. */
const EVERY_MS = [
  { until: 4_000, pause: 60 },
  { until: 15_000, pause: 500 },
  { until: Infinity, pause: 4_000 },
] as const;
const STILL_PRESENTED = 40;
const KEPT_SESSIONS = 10;

/** What is revoked, and how it is presented. */
interface Revocable {
  readonly credential: string;
  readonly by: string;
  readonly presented: Call;
  readonly revoke: () => Promise<Answer>;
}

/** Somebody who gets credentials, revokes them, and whose thief goes on presenting them. */
export class Revoker {
  readonly #presenters: Promise<void>[] = [];
  #presented = 0;
  readonly #left: string[] = [];
  #leaving: Promise<unknown> | undefined;

  constructor(
    private readonly client: GatewayClient,
    private readonly session: Session,
    private readonly history: History,
    private readonly random: Random,
  ) {}

  async run(stopping: AbortSignal): Promise<void> {
    for (let turn = 0; !stopping.aborted; turn += 1) {
      const revocable = await this.#issue(turn, stopping);
      if (revocable !== undefined) await this.#revoke(revocable, stopping);
      await delay(PAUSE_MS * this.random.between(0.5, 1.5));
    }
    await this.#leaving;
    await Promise.all(this.#presenters);
  }

  async #issue(turn: number, stopping: AbortSignal): Promise<Revocable | undefined> {
    if (turn % 4 === 3) return this.#issueApiKey(stopping);
    const opened = await persist(
      () =>
        this.client.ask('login', {
          method: 'POST',
          path: '/auth/login',
          json: this.session.credentials,
        }),
      stopping,
    );
    if (opened === undefined || !isSuccess(opened)) return undefined;
    const accessToken = String(opened.json['access_token']);
    const { sid, jti } = claimsOf(accessToken);
    const presented = { path: '/orders?limit=1', accessToken };
    if (turn % 4 === 0) {
      const headers = { cookie: opened.cookie ?? '' };
      const revoke = () =>
        this.client.ask('log out', { method: 'POST', path: '/auth/logout', headers });
      return { credential: `session ${String(sid)}`, by: 'logging out', presented, revoke };
    }
    if (turn % 4 === 1) {
      const path = `/auth/sessions/${String(sid)}`;
      const revoke = () => this.session.ask('end session', { method: 'DELETE', path });
      return { credential: `session ${String(sid)}`, by: 'ending the session', presented, revoke };
    }
    const form = { token: accessToken };
    const revoke = () =>
      this.client.ask('revoke token', { method: 'POST', path: '/oauth2/revoke', form });
    this.#leave(opened.cookie ?? '');
    return { credential: `token ${String(jti)}`, by: 'revoking the token', presented, revoke };
  }

  /**
   * Signs out of the session whose token alone was revoked, which goes on: an account holds no more than so many. Only
   * once it is long known whether the token was refused by itself.
   */
  #leave(cookie: string): void {
    this.#left.push(cookie);
    const oldest = this.#left.length > KEPT_SESSIONS ? this.#left.shift() : undefined;
    if (oldest === undefined) return;
    const headers = { cookie: oldest };
    this.#leaving = this.client.ask('log out', { method: 'POST', path: '/auth/logout', headers });
  }

  async #issueApiKey(stopping: AbortSignal): Promise<Revocable | undefined> {
    const json = { name: 'chaos', scopes: ['orders:read'] };
    const made = await persist(
      () => this.session.ask('make API key', { method: 'POST', path: '/api-keys', json }),
      stopping,
    );
    if (made === undefined || !isSuccess(made)) return undefined;
    const path = `/api-keys/${String(made.json['id'])}`;
    return {
      credential: `API key ${String(made.json['id'])}`,
      by: 'deleting the API key',
      presented: { path: '/orders?limit=1', headers: { 'x-api-key': String(made.json['key']) } },
      revoke: () => this.session.ask('delete API key', { method: 'DELETE', path }),
    };
  }

  async #revoke(
    { credential, by, presented, revoke }: Revocable,
    stopping: AbortSignal,
  ): Promise<void> {
    await this.client.ask('use credential', presented);
    const answer = await persist(revoke, stopping);
    if (answer === undefined || !isSuccess(answer)) return;
    const at = answer.answeredAt;
    this.history.revocations.push({ credential, by, at });
    this.#presented += 1;
    this.#presenters.push(this.#present(credential, presented, at, this.#presented, stopping));
  }

  async #present(
    credential: string,
    presented: Call,
    since: number,
    turn: number,
    stopping: AbortSignal,
  ): Promise<void> {
    while (!stopping.aborted && this.#presented - turn < STILL_PRESENTED) {
      const answer = await this.client.ask(undefined, presented);
      const { sentAt } = answer;
      this.history.presentations.push({ credential, sentAt, isAccepted: isSuccess(answer) });
      const age = performance.now() - since;
      await delay(EVERY_MS.find(({ until }) => age < until)?.pause ?? 0);
    }
  }
}
