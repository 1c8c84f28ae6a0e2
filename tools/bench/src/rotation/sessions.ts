import type { Credentials, GatewayClient, SignedIn } from '../gateway-client';
import { Traffic } from '../traffic/traffic';
import { readUnverified } from '../unverified-token';

/** Sessions of one account, opened and refreshed through several gateways in turn. */
export class Sessions {
  readonly signIns = new Traffic();
  readonly refreshes = new Traffic();
  /** The one that has waited longest for a refresh first. */
  readonly #sessions: SignedIn[] = [];

  constructor(
    private readonly credentials: Credentials,
    private readonly clients: readonly GatewayClient[],
  ) {}

  /** The access token of each session, those that keys of the past have signed among them. */
  get accessTokens(): readonly string[] {
    return this.#sessions.map(({ accessToken }) => accessToken);
  }

  async open(): Promise<void> {
    const client = this.#clientFor(this.signIns);
    this.#keep(await this.signIns.count(() => client.logIn(this.credentials)));
  }

  async refreshOne(): Promise<void> {
    const session = this.#sessions.shift();
    if (session === undefined) return;
    const client = this.#clientFor(this.refreshes);
    this.#keep(await this.refreshes.count(() => client.refresh(session)));
  }

  /** The access tokens that other keys have signed. */
  signedByOtherThan(kid: string): readonly string[] {
    return this.accessTokens.filter((token) => readUnverified(token).kid !== kid);
  }

  /** How many keys have signed the access tokens. */
  countKeys(): number {
    return new Set(this.accessTokens.map((token) => readUnverified(token).kid)).size;
  }

  #keep(session: SignedIn | undefined): void {
    if (session !== undefined) this.#sessions.push(session);
  }

  #clientFor({ requests }: Traffic): GatewayClient {
    const client = this.clients[requests % this.clients.length];
    if (client === undefined) throw new TypeError('there is no gateway');
    return client;
  }
}
