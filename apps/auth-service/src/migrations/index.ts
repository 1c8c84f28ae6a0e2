import type { SchemaMigrations } from '@sallyport/persistence';
import { accounts } from './0001-accounts.migration';
import { sessions } from './0002-sessions.migration';
import { signingKeys } from './0003-signing-keys.migration';
import { sessionEnds } from './0004-session-ends.migration';
import { signingKeyLifecycle } from './0005-signing-key-lifecycle.migration';
import { certificateRevocations } from './0006-certificate-revocations.migration';
import { apiKeys } from './0007-api-keys.migration';
import { partners } from './0008-partners.migration';
import { securityEvents } from './0009-security-events.migration';
import { oauth } from './0010-oauth.migration';
import { oauthConsents } from './0012-oauth-consents.migration';
import { logoutNotices } from './0014-logout-notices.migration';
import { passwordResets } from './0015-password-resets.migration';
import { mails } from './0016-mails.migration';
import { secondFactors } from './0017-second-factors.migration';
import { passkeys } from './0019-passkeys.migration';
import { sms } from './0020-sms.migration';
import { registrations } from './0023-registrations.migration';
import { passkeysAfterACompromise } from './0024-passkeys-after-a-compromise.migration';
import { accountSecurity } from './0022-account-security.migration';
import { trustedDevices } from './0021-trusted-devices.migration';

/** Every migration by name, in the order of their names. A published one is never changed. */
export const migrations: SchemaMigrations = {
  '0001-accounts': accounts,
  '0002-sessions': sessions,
  '0003-signing-keys': signingKeys,
  '0004-session-ends': sessionEnds,
  '0005-signing-key-lifecycle': signingKeyLifecycle,
  '0006-certificate-revocations': certificateRevocations,
  '0007-api-keys': apiKeys,
  '0008-partners': partners,
  '0009-security-events': securityEvents,
  '0010-oauth': oauth,
  '0012-oauth-consents': oauthConsents,
  '0014-logout-notices': logoutNotices,
  '0015-password-resets': passwordResets,
  '0016-mails': mails,
  '0017-second-factors': secondFactors,
  '0019-passkeys': passkeys,
  '0020-sms': sms,
  '0023-registrations': registrations,
  '0024-passkeys-after-a-compromise': passkeysAfterACompromise,
  '0022-account-security': accountSecurity,
  '0021-trusted-devices': trustedDevices,
};
