import { partsOf } from './compact-jws';
import { logIn, renew, signUp } from './customers';
import type { Customer } from './customers';
import type { PublicClient } from './public-client';
import { SteadyLoad } from './steady-load';
import type { LoadResult } from './steady-load';

/** What is done in a second. */
export const PACE = { reads: 200, logins: 2, refreshes: 5 } as const;

/** What came of each kind of work. */
export type EverydayResults = Readonly<Record<keyof typeof PACE, LoadResult>>;

export interface EverydayLoadOptions {
  /** For sign-ins, each over a connection of its own. */
  readonly client: PublicClient;
  /** For reads, over connections that are kept. */
  readonly readers: readonly PublicClient[];
  /** Of each reader. */
  readonly connections: number;
}

/** A customer who is busy with many devices: reads orders, signs in on more of them, renews a session. */
export class EverydayLoad {
  /** All that were issued, the oldest first; every one of them is used for reading. */
  readonly #accessTokens: string[];
  readonly #loads: Readonly<Record<keyof typeof PACE, SteadyLoad>>;

  private constructor(
    customer: Customer,
    renewed: Customer,
    { client, readers, connections }: EverydayLoadOptions,
  ) {
    let latest = renewed;
    this.#accessTokens = [customer.accessToken];
    const take = ({ accessToken }: Customer): void => void this.#accessTokens.push(accessToken);
    this.#loads = {
      reads: new SteadyLoad({
        perSecond: PACE.reads,
        atOnce: readers.length * connections,
        work: async (turn) => {
          const accessToken = this.#tokenFor(turn);
          const reader = readers[turn % readers.length] ?? client;
          const { status, body } = await reader.send({ path: '/orders?limit=1', accessToken });
          return status === 200 ? undefined : `${status} ${body}`;
        },
      }),
      logins: new SteadyLoad({
        perSecond: PACE.logins,
        atOnce: 1,
        work: async () => {
          take(await logIn(client, customer));
          return undefined;
        },
      }),
      refreshes: new SteadyLoad({
        perSecond: PACE.refreshes,
        atOnce: 1,
        work: async () => {
          latest = await renew(client, latest);
          take(latest);
          return undefined;
        },
      }),
    };
  }

  static async start(options: EverydayLoadOptions): Promise<EverydayLoad> {
    const customer = await signUp(options.client);
    return new EverydayLoad(customer, await logIn(options.client, customer), options);
  }

  /** By which keys the tokens that were used are signed. */
  get kids(): ReadonlySet<string> {
    return new Set(this.#accessTokens.map((token) => String(partsOf(token).header['kid'])));
  }

  async stop(): Promise<EverydayResults> {
    const { reads, logins, refreshes } = this.#loads;
    const results = await Promise.all([reads.stop(), logins.stop(), refreshes.stop()]);
    return { reads: results[0], logins: results[1], refreshes: results[2] };
  }

  /** The oldest for every third read; for the others each in turn, the newest among them as soon as it is there. */
  #tokenFor(turn: number): string {
    const tokens = this.#accessTokens;
    return tokens.at(turn % 3 === 0 ? 0 : -1 - (turn % tokens.length)) ?? '';
  }
}
