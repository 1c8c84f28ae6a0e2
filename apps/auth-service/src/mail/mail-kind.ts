/** What owners are told when it has happened. */
export type NoticeKind =
  | 'password_was_reset'
  | 'password_changed'
  | 'registration_repeated'
  | 'factor_enrolled'
  | 'factor_removed'
  | 'passkey_suspected'
  | 'phone_enrolled'
  | 'phone_removed'
  | 'recovery_codes_regenerated'
  | 'recovery_code_used';

/** What brings a link for a new password: asked for, or because an account was secured. */
export type ResetMailKind =
  'password_reset' | 'account_secured' | 'account_secured_factors_removed';

/** What accounts, and addresses that may become one, are written about. */
export type MailKind = ResetMailKind | 'registration' | NoticeKind;
