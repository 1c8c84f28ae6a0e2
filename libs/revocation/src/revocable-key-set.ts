import type { KeySet, VerificationKey } from '@sallyport/tokens';
import type { RevocationReplica } from './revocation-replica';

/**
 * A key set without the keys that were revoked, from the moment the replica hears of it: whatever the issuer still
 * publishes, or somebody still has in a cache. Its version changes with them, so what they signed is verified again.
 */
export class RevocableKeySet implements KeySet {
  constructor(
    private readonly keys: KeySet,
    private readonly replica: Pick<RevocationReplica, 'isRevoked' | 'signingKeyVersion'>,
  ) {}

  get version(): number {
    // Both only ever grow, so their sum never comes back to a value it had.
    return this.keys.version + this.replica.signingKeyVersion;
  }

  async find(kid: string): Promise<VerificationKey | undefined> {
    if (this.replica.isRevoked('signing_key', kid)) return undefined;
    const key = await this.keys.find(kid);
    return this.replica.isRevoked('signing_key', kid) ? undefined : key;
  }
}
