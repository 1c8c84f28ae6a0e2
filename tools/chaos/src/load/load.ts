import { setTimeout as delay } from 'node:timers/promises';
import type { History } from '../history/history';
import { ExpiredTokens } from './expired-token';
import { GatewayClient, isSuccess } from './gateway-client';
import { Prober } from './prober';
import { Random } from './random';
import { Revoker } from './revoker';
import { newCredentials, Session } from './session';
import type { Credentials } from './session';
import { Shopper } from './shopper';

const SHOPPERS = 8;
const REVOKERS = 2;
/** Apart from one another, as people are. */
const SIGN_IN_EVERY_MS = 700;

export interface LoadOptions {
  readonly gatewayUrl: string;
  readonly caFile: string;
  readonly seed: number;
  readonly history: History;
  /** Who may read and not write. */
  readonly viewer: Credentials;
  readonly authDatabaseUrl: string;
  readonly keyEncryptionKeyFile: string;
  readonly skewSeconds: () => number;
}

/** What a canary needs. */
export interface CanaryAccount {
  readonly credentials: Credentials;
  readonly apiKey: string;
  readonly sku: string;
}

/** Customers who go about their business, people who revoke what was stolen from them, and people who try everything. */
export class Load {
  readonly #stopping = new AbortController();
  #running: readonly Promise<void>[] = [];

  private constructor(
    readonly client: GatewayClient,
    readonly canary: CanaryAccount,
    readonly customers: readonly Session[],
    private readonly actors: readonly { run(stopping: AbortSignal): Promise<void> }[],
  ) {}

  /** Signs everybody up. Nothing may be broken yet. */
  static async prepare(options: LoadOptions): Promise<Load> {
    const { history } = options;
    const client = new GatewayClient(options.gatewayUrl, options.caFile, history);
    const stopping = new AbortController();
    const random = new Random(options.seed);
    const signUp = (): Promise<Session> =>
      new Session(client, history, newCredentials(), stopping.signal).register();
    const shoppers: Session[] = [];
    for (let count = 0; count < SHOPPERS; count += 1) shoppers.push(await signUp());
    const victim = await signUp();
    const stranger = await signUp();
    const canary = await signUp();
    const { email, password } = options.viewer;
    const viewer = new Session(client, history, { email, password }, stopping.signal);
    await viewer.logIn();

    const products = await given(client, { path: '/products' });
    const items = products['items'] as readonly { readonly sku: string }[];
    const skus = items.map(({ sku }) => sku);
    const sku = skus[0] ?? '';
    const order = await given(client, {
      method: 'POST',
      path: '/orders',
      accessToken: victim.accessToken,
      headers: { 'idempotency-key': '0f2c3f3e-0d4b-4f3c-9a51-6a4c8f3f5a01' },
      json: { items: [{ sku, quantity: 1 }] },
    });
    const keyOf = async (owner: Session): Promise<string> => {
      const json = { name: 'chaos', scopes: ['orders:read'] };
      const { accessToken } = owner;
      const made = await given(client, { method: 'POST', path: '/api-keys', accessToken, json });
      return String(made['key']);
    };
    const prey = {
      victim,
      stranger,
      viewer,
      orderId: String(order['id']),
      invoiceId: String(order['invoiceId']),
      narrowKey: await keyOf(stranger),
      expired: await ExpiredTokens.open(victim.accessToken, {
        databaseUrl: options.authDatabaseUrl,
        keyFile: options.keyEncryptionKeyFile,
      }),
      skewSeconds: options.skewSeconds,
    };
    const revokers: Revoker[] = [];
    for (let count = 0; count < REVOKERS; count += 1) {
      revokers.push(new Revoker(client, await signUp(), history, random.fork()));
    }
    const actors = [
      ...shoppers.map((session) => new Shopper(session, history, random.fork(), skus)),
      ...revokers,
      new Prober(client, prey, history, random.fork()),
      keptSignedIn([victim, stranger, viewer]),
      signInAgain(client, canary.credentials),
    ];
    const account = { credentials: canary.credentials, apiKey: await keyOf(canary), sku };
    const load = new Load(client, account, [...shoppers, victim], actors);
    // The sessions persist until the load is over.
    load.#stopping.signal.addEventListener('abort', () => stopping.abort());
    return load;
  }

  start(): void {
    this.#running = this.actors.map((actor) => actor.run(this.#stopping.signal));
  }

  /** Resolves once nobody waits for an answer any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }

  close(): Promise<void> {
    return this.client.close();
  }
}

/** Probes are worth something only with credentials that would do for something else. */
function keptSignedIn(sessions: readonly Session[]): { run(stopping: AbortSignal): Promise<void> } {
  return {
    async run(stopping) {
      while (!stopping.aborted) {
        for (const session of sessions) await session.ask('read account', { path: '/auth/me' });
        await delay(1_000);
      }
    },
  };
}

function signInAgain(
  client: GatewayClient,
  json: Credentials,
): { run(stopping: AbortSignal): Promise<void> } {
  return {
    async run(stopping) {
      while (!stopping.aborted) {
        const { cookie } = await client.ask('login', { method: 'POST', path: '/auth/login', json });
        const headers = { cookie: cookie ?? '' };
        if (cookie !== undefined) {
          await client.ask('log out', { method: 'POST', path: '/auth/logout', headers });
        }
        await delay(SIGN_IN_EVERY_MS);
      }
    },
  };
}

async function given(
  client: GatewayClient,
  call: Parameters<GatewayClient['ask']>[1],
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await client.ask('prepare', call);
  if (isSuccess(answer)) return answer.json;
  throw new Error(`${call.path} answered ${answer.status} ${answer.code ?? ''}`);
}
