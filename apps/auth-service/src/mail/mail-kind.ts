/** What owners are told when it has happened. */
export type NoticeKind =
  | 'password_was_reset'
  | 'password_changed'
  | 'factor_enrolled'
  | 'factor_removed'
  | 'recovery_codes_regenerated'
  | 'recovery_code_used'
  | 'new_sign_in'
  | 'password_sign_in_locked'
  | 'second_factor_locked';

/** What a notice tells beside its kind. */
export interface NoticeDetails {
  /** What somebody signed in with, in words. */
  readonly device: string;
  /** The block of addresses they came from. */
  readonly from: string;
}

/** What accounts are written about. */
export type MailKind = 'password_reset' | NoticeKind;
