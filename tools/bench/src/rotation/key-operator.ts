import type { SeededAccount } from '@sallyport/launcher';
import type { GatewayClient } from '../gateway-client';

interface SigningKey {
  readonly kid: string;
}

/** An operator of the signing keys, signed in. */
export class KeyOperator {
  private constructor(
    private readonly client: GatewayClient,
    private readonly accessToken: string,
  ) {}

  /** @throws Error when no account of the cluster may do this. */
  static async signIn(
    client: GatewayClient,
    accounts: readonly SeededAccount[],
  ): Promise<KeyOperator> {
    const account = accounts.find(({ scopes }) => scopes.includes('keys:manage'));
    if (account === undefined) throw new Error('no account of the cluster manages keys');
    const { email, password } = account;
    return new KeyOperator(client, (await client.logIn({ email, password })).accessToken);
  }

  /** Sees to it that a key is prepared; the schedule may have been faster. */
  async prepare(): Promise<void> {
    try {
      await this.client.post('/admin/keys/prepare', this.accessToken, {});
    } catch (error) {
      const isPrepared =
        error instanceof Error && error.message.includes('signing_key_already_prepared');
      if (!isPrepared) throw error;
    }
  }

  /** Resolves with the id of the key that signs from now on. */
  async activate(): Promise<string> {
    const key = await this.client.post('/admin/keys/activate', this.accessToken, {});
    return (key as SigningKey).kid;
  }

  async taint(kid: string): Promise<void> {
    await this.client.post('/admin/keys/taint', this.accessToken, { kid });
  }
}
