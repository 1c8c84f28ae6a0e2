/** What an event says to the person whose account it is about. */
export interface OwnEventWords {
  readonly reason: string;
  readonly outcome: 'refused' | 'succeeded';
  readonly title: string;
  /** Who may have caused it: of anybody but the owner no whole address is told. */
  readonly causedBy: 'owner' | 'anybody' | 'operator';
}

/**
 * Events that name an account as their principal, and mean something to its owner. Whatever is not listed is for those
 * who watch over the system.
 */
export const CAUSED_AS_PRINCIPAL: readonly OwnEventWords[] = [
  succeeded('account_registered', 'The account was made'),
  succeeded('logged_in', 'Signed in with the password'),
  succeeded('mfa_required', 'The password was right; a second factor was asked for', 'anybody'),
  succeeded('mfa_succeeded', 'Signed in with a second factor'),
  succeeded('passkey_logged_in', 'Signed in with a passkey'),
  succeeded('sms_code_sent', 'A code was sent by text message', 'anybody'),
  succeeded('stepped_up', 'Signed in again for something that asks for it'),
  succeeded('recovery_code_used', 'A recovery code was used'),
  succeeded('logged_out', 'Signed out'),
  succeeded('session_ended_by_user', 'A session was ended'),
  refused('account_locked', 'Something was refused: the account is locked'),
  refused('invalid_credentials', 'A wrong password was refused in a session'),
  refused('mfa_challenge_refused', 'A second factor was refused'),
  refused('totp_code_refused', 'A wrong code of the authenticator app was refused'),
  refused('totp_code_replayed', 'A used code of the authenticator app was refused'),
  refused('sms_code_refused', 'A wrong code of a text message was refused'),
  refused('recovery_code_refused', 'A recovery code was refused'),
  refused('passkey_refused', 'A passkey was refused'),
  refused('passkey_counter_rollback', 'A passkey was refused that may have been copied'),
  refused('passkey_suspected_clone', 'A passkey was refused that may have been copied before'),
  refused('passkey_needs_password', 'A passkey was refused that takes the password first'),
  succeeded('passkey_suspected_clone', 'A passkey may have been copied', 'anybody'),
  succeeded('password_sign_in_locked', 'Signing in was locked for a while', 'anybody'),
  succeeded('second_factor_locked', 'Second factors were locked for a while', 'anybody'),
  refused('refresh_token_replayed', 'A copy of a sign-in was used; that session was ended'),
  succeeded('password_changed', 'The password was changed'),
  succeeded('password_reset_requested', 'A link for a new password was asked for', 'anybody'),
  succeeded('password_reset', 'The password was reset by a link from the mail'),
  succeeded('factor_enrolled', 'A second factor was put in use'),
  succeeded('factor_removed', 'A second factor was removed'),
  succeeded('passkey_renamed', 'A passkey was given another name'),
  succeeded('recovery_codes_regenerated', 'New recovery codes were made'),
  succeeded('account_reported_compromised', 'It was said that somebody else was in the account'),
  succeeded('consent_given', 'An application was allowed access'),
  succeeded('consent_withdrawn', 'An application was denied further access'),
  succeeded('api_key_created', 'An API key was made'),
  succeeded('api_key_rotated', 'An API key got a new secret'),
  succeeded('api_key_revoked', 'An API key was revoked'),
  succeeded('api_key_exposed', 'An API key was revoked: it had been sent in clear', 'anybody'),
  refused('cross_site_request', 'A page of another site was refused that tried to act for you'),
  refused('rate_limited', 'Requests were refused: there were too many'),
];

/** Events that name an account as their target: what strangers and operators did to it. */
export const CAUSED_TO_TARGET: readonly OwnEventWords[] = [
  refused('invalid_credentials', 'A wrong password was refused'),
  byOperator('account_locked', 'An operator locked the account'),
  byOperator('account_unlocked', 'An operator unlocked the account'),
  byOperator('account_scopes_set', 'An operator changed what the account may do'),
  byOperator('account_sessions_ended', 'An operator ended all sessions'),
  byOperator('factor_removed', 'An operator removed the second factors'),
  byOperator('account_reported_compromised', 'An operator secured the account'),
  byOperator('api_key_revoked', 'An operator revoked an API key'),
];

function succeeded(
  reason: string,
  title: string,
  causedBy: OwnEventWords['causedBy'] = 'owner',
): OwnEventWords {
  return { reason, outcome: 'succeeded', title, causedBy };
}

function refused(reason: string, title: string): OwnEventWords {
  return { reason, outcome: 'refused', title, causedBy: 'anybody' };
}

function byOperator(reason: string, title: string): OwnEventWords {
  return { reason, outcome: 'succeeded', title, causedBy: 'operator' };
}
