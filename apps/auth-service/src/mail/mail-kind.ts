/** What owners are told when it has happened. */
export type NoticeKind =
  | 'password_was_reset'
  | 'password_changed'
  | 'factor_enrolled'
  | 'factor_removed'
  | 'phone_enrolled'
  | 'phone_removed'
  | 'recovery_codes_regenerated'
  | 'recovery_code_used';

/** What accounts are written about. */
export type MailKind = 'password_reset' | NoticeKind;
