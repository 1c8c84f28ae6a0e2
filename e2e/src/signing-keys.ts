import { partsOf } from './compact-jws';
import type { Customer } from './customers';
import type { PublicClient } from './public-client';
import type { PublicResponse } from './public-response';

/** A signing key as operators see it. */
export interface SigningKey {
  readonly kid: string;
  readonly state: 'prepared' | 'active' | 'retired' | 'tainted';
  readonly verifiesUntil: string | null;
}

/** The key that signed an access token. */
export function kidOf({ accessToken }: Pick<Customer, 'accessToken'>): string {
  return String(partsOf(accessToken).header['kid']);
}

/** What everybody may know of the keys. */
export async function publishedKids(client: PublicClient): Promise<readonly string[]> {
  const { json } = await client.send({ path: '/.well-known/jwks.json' });
  return (json as { readonly keys: readonly Pick<SigningKey, 'kid'>[] }).keys.map(({ kid }) => kid);
}

/** Looks after the signing keys, over the gateway. */
export class KeyOperator {
  constructor(
    private readonly client: PublicClient,
    private readonly operator: Pick<Customer, 'accessToken'>,
  ) {}

  async inState(state: SigningKey['state']): Promise<readonly SigningKey[]> {
    const { accessToken } = this.operator;
    const { json } = await this.client.send({ path: '/admin/keys', accessToken });
    const { items } = json as { readonly items: readonly SigningKey[] };
    return items.filter((key) => key.state === state);
  }

  /**
   * Has a key that was published just now, instead of one that the schedule has prepared before.
   *
   * @throws Error when the schedule is faster three times
   */
  async prepareAnew(): Promise<SigningKey> {
    for (let attempts = 1; attempts <= 3; attempts += 1) {
      for (const { kid } of await this.inState('prepared')) await this.moveOn('retire', { kid });
      const { status, json } = await this.moveOn('prepare');
      if (status === 201) return json as SigningKey;
    }
    throw new Error('no key could be prepared');
  }

  /** Whatever comes of it. */
  moveOn(
    step: 'prepare' | 'activate' | 'retire' | 'taint',
    json?: { readonly kid?: string; readonly immediately?: boolean },
  ): Promise<PublicResponse> {
    const { accessToken } = this.operator;
    const path = `/admin/keys/${step}`;
    return this.client.send({ method: 'POST', path, accessToken, json });
  }
}
