import type { Generated } from 'kysely';
import type { PublicJwk } from './signing-key';
import type { SigningKeyState } from './signing-key-record';

export interface SigningKeysTable {
  kid: string;
  state: SigningKeyState;
  public_jwk: PublicJwk;
  /** Gone once the key signs no more. */
  sealed_private_key: Buffer | null;
  sealing_key_id: string | null;
  sealing_algorithm: string | null;
  created_at: Date;
  activated_at: Date | null;
  retired_at: Date | null;
  tainted_at: Generated<Date | null>;
  verifies_until: Date | null;
}
