import type { SeededAccount } from '@sallyport/launcher';
import type { GatewayClient } from '../gateway-client';
import { totpCode } from './totp-code';

interface SigningKey {
  readonly kid: string;
}

/** Orders take a sign-in of the last five minutes, by two factors. */
const STEP_UP_AFTER_MS = 4 * 60_000;

/** An operator of the signing keys, signed in with an authenticator app. */
export class KeyOperator {
  private constructor(
    private readonly client: GatewayClient,
    private readonly password: string,
    private readonly secret: string,
    private accessToken: string,
    private authenticatedAt: number,
  ) {}

  /**
   * Signs in for the first time, and enrols the app.
   *
   * @throws Error when no account of the cluster may do this, or it has an app already
   */
  static async signIn(
    client: GatewayClient,
    accounts: readonly SeededAccount[],
  ): Promise<KeyOperator> {
    const account = accounts.find(({ scopes }) => scopes.includes('keys:manage'));
    if (account === undefined) throw new Error('no account of the cluster manages keys');
    const { email, password } = account;
    const authenticatedAt = Date.now();
    const session = await client.logIn({ email, password });
    const { accessToken } = session;
    const key = (await client.post('/auth/mfa/totp', accessToken, {})) as { secret: string };
    const code = totpCode(key.secret, Date.now(), -1);
    await client.post('/auth/mfa/totp/confirm', accessToken, { code });
    const strong = await client.refresh(session);
    return new KeyOperator(client, password, key.secret, strong.accessToken, authenticatedAt);
  }

  /** Sees to it that a key is prepared; the schedule may have been faster. */
  async prepare(): Promise<void> {
    try {
      await this.order('prepare', {});
    } catch (error) {
      const isPrepared =
        error instanceof Error && error.message.includes('signing_key_already_prepared');
      if (!isPrepared) throw error;
    }
  }

  /** Resolves with the id of the key that signs from now on. */
  async activate(): Promise<string> {
    const key = await this.order('activate', {});
    return (key as SigningKey).kid;
  }

  async taint(kid: string): Promise<void> {
    await this.order('taint', { kid });
  }

  private async order(step: 'activate' | 'prepare' | 'taint', body: unknown): Promise<unknown> {
    if (Date.now() > this.authenticatedAt + STEP_UP_AFTER_MS) await this.stepUp();
    return this.client.post(`/admin/keys/${step}`, this.accessToken, body);
  }

  private async stepUp(): Promise<void> {
    this.authenticatedAt = Date.now();
    const proof = { password: this.password, code: totpCode(this.secret, Date.now()) };
    const issued = await this.client.post('/auth/step-up', this.accessToken, proof);
    this.accessToken = (issued as { access_token: string }).access_token;
  }
}
