import type { PublicJwk } from './signing-key';

export interface SigningKeysTable {
  kid: string;
  state: 'prepared' | 'active' | 'retired';
  public_jwk: PublicJwk;
  sealed_private_key: Buffer;
  sealing_key_id: string;
  sealing_algorithm: string;
  created_at: Date;
  verifies_until: Date | null;
}
