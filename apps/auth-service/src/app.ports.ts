import type { SecurityEvents } from '@sallyport/observability';
import type { Database } from '@sallyport/persistence';
import type { AccessTokenSigner } from '@sallyport/tokens';
import type { AuthTables } from './auth.tables';
import type { MfaPolicy } from './mfa/mfa-policy';
import type { MailSender } from './mail/mail-sender';
import type { BreachedPasswords } from './passwords/breached-passwords';
import type { PasswordHashing } from './passwords/password-hashing';
import type { KeyEncryption } from './signing-keys/key-encryption';
import type { RevocationFeed } from './revocations/revocation-feed';
import type { ClientAddresses } from './oauth/client-addresses';
import type { DpopNoncePolicy } from './oauth/dpop-nonces';
import type { RegistrationPolicy } from './registrations/registration-policy';
import type { SessionPolicy } from './sessions/session-policy';
import type { SigningKeyPolicy } from './signing-keys/signing-key-policy';
import type { AccessTokenProfile } from './tokens/own-access-tokens';
import type { AttemptThrottle } from './throttling/attempt-throttle';
import type { ExchangeThrottle } from './throttling/exchange-throttle';
import type { RefreshThrottle } from './throttling/refresh-throttle';

/** What the application reaches beyond itself through, opened before it and closed after it. */
export interface AuthPorts {
  readonly database: Database<AuthTables>;
  /** For what the services decide. */
  readonly events: SecurityEvents;
  readonly throttle: AttemptThrottle;
  readonly refreshThrottle: RefreshThrottle;
  readonly exchangeThrottle: ExchangeThrottle;
  readonly passwords: PasswordHashing;
  readonly breachedPasswords: BreachedPasswords;
  readonly mailSender: MailSender;
  readonly keyEncryption: KeyEncryption;
  readonly signer: AccessTokenSigner;
  /** Who issues the access tokens and for whom, as the signer has it. */
  readonly tokenProfile: AccessTokenProfile;
  readonly revocationFeed: RevocationFeed;
  readonly sessionPolicy: SessionPolicy;
  readonly clientAddresses: ClientAddresses;
  readonly mfaPolicy: MfaPolicy;
  readonly registrationPolicy: RegistrationPolicy;
  /** Where clients present certificates: the base URL of the gateway's partner listener, when there is one. */
  readonly partnerUrl: string | undefined;
  readonly dpopNonces: DpopNoncePolicy;
  readonly signingKeyPolicy: SigningKeyPolicy;
}
