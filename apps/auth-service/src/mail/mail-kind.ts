/** What owners are told when it has happened. */
export type NoticeKind =
  | 'password_was_reset'
  | 'password_changed'
  | 'factor_enrolled'
  | 'factor_removed'
  | 'recovery_codes_regenerated'
  | 'recovery_code_used';

/** What brings a link for a new password: asked for, or because an account was secured. */
export type ResetMailKind =
  'password_reset' | 'account_secured' | 'account_secured_factors_removed';

/** What accounts are written about. */
export type MailKind = ResetMailKind | NoticeKind;
