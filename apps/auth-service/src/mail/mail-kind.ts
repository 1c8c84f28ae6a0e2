/** What owners are told when it has happened. */
export type NoticeKind =
  | 'password_was_reset'
  | 'password_changed'
  | 'registration_repeated'
  | 'factor_enrolled'
  | 'factor_removed'
  | 'recovery_codes_regenerated'
  | 'recovery_code_used';

/** What accounts, and addresses that may become one, are written about. */
export type MailKind = 'password_reset' | 'registration' | NoticeKind;
