import type { AccountsTable } from './accounts/accounts.tables';
import type { ApiKeySecretsTable, ApiKeysTable } from './api-keys/api-keys.tables';
import type { MfaChallengesTable, RecoveryCodesTable, TotpFactorsTable } from './mfa/mfa.tables';
import type {
  PartnerCertificatesTable,
  PartnerNamesTable,
  PartnersTable,
} from './partners/partners.tables';
import type {
  OauthArtifactsTable,
  OauthClientSecretsTable,
  OauthClientsTable,
  OauthConsentsTable,
  OauthLogoutNoticesTable,
} from './oauth/oauth.tables';
import type { MailsTable } from './mail/mails.tables';
import type {
  PasswordResetRequestsTable,
  PasswordResetsTable,
} from './password-resets/password-resets.tables';
import type {
  PendingRegistrationsTable,
  RegistrationRequestsTable,
} from './registrations/registrations.tables';
import type { RevocationsTable } from './revocations/revocations.tables';
import type { RotatedTokensTable, SessionsTable } from './sessions/sessions.tables';
import type { SigningKeysTable } from './signing-keys/signing-keys.tables';

/** The tables of the service's own database. */
export interface AuthTables {
  accounts: AccountsTable;
  sessions: SessionsTable;
  rotated_tokens: RotatedTokensTable;
  signing_keys: SigningKeysTable;
  revocations: RevocationsTable;
  api_keys: ApiKeysTable;
  api_key_secrets: ApiKeySecretsTable;
  partners: PartnersTable;
  partner_certificates: PartnerCertificatesTable;
  partner_names: PartnerNamesTable;
  oauth_clients: OauthClientsTable;
  oauth_client_secrets: OauthClientSecretsTable;
  oauth_artifacts: OauthArtifactsTable;
  totp_factors: TotpFactorsTable;
  recovery_codes: RecoveryCodesTable;
  mfa_challenges: MfaChallengesTable;
  oauth_consents: OauthConsentsTable;
  oauth_logout_notices: OauthLogoutNoticesTable;
  password_reset_requests: PasswordResetRequestsTable;
  password_resets: PasswordResetsTable;
  mails: MailsTable;
  registration_requests: RegistrationRequestsTable;
  pending_registrations: PendingRegistrationsTable;
}
