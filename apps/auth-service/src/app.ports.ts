import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { AccessTokenSigner } from '@sallyport/tokens';
import type { AuthTables } from './auth.tables';
import type { MfaPolicy } from './mfa/mfa-policy';
import type { PasswordHashing } from './passwords/password-hashing';
import type { KeyEncryption } from './signing-keys/key-encryption';
import type { RevocationFeed } from './revocations/revocation-feed';
import type { ClientAddresses } from './oauth/client-addresses';
import type { SessionPolicy } from './sessions/session-policy';
import type { SigningKeyPolicy } from './signing-keys/signing-key-policy';
import type { AccessTokenProfile } from './tokens/own-access-tokens';
import type { AttemptThrottle } from './throttling/attempt-throttle';
import type { RefreshThrottle } from './throttling/refresh-throttle';

/** What the application reaches beyond itself through, opened before it and closed after it. */
export interface AuthPorts {
  readonly database: Database<AuthTables>;
  /** For what the services decide. */
  readonly events: SecurityEvents;
  readonly throttle: AttemptThrottle;
  readonly refreshThrottle: RefreshThrottle;
  readonly passwords: PasswordHashing;
  readonly keyEncryption: KeyEncryption;
  readonly signer: AccessTokenSigner;
  /** Who issues the access tokens and for whom, as the signer has it. */
  readonly tokenProfile: AccessTokenProfile;
  readonly revocationFeed: RevocationFeed;
  readonly sessionPolicy: SessionPolicy;
  readonly clientAddresses: ClientAddresses;
  readonly mfaPolicy: MfaPolicy;
  readonly signingKeyPolicy: SigningKeyPolicy;
}
