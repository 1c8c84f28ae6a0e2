/** What owners are told when it has happened. */
export type NoticeKind =
  | 'password_was_reset'
  | 'password_changed'
  | 'factor_enrolled'
  | 'factor_removed'
  | 'passkey_suspected'
  | 'phone_enrolled'
  | 'phone_removed'
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

/** What brings a link for a new password: asked for, or because an account was secured. */
export type ResetMailKind =
  'password_reset' | 'account_secured' | 'account_secured_factors_removed';

/** What comes of somebody's wish for an account: a link to open it, or that there is one already. */
export type RegistrationMailKind = 'registration' | 'registration_repeated';

/** What accounts, and addresses that may become one, are written about. */
export type MailKind = ResetMailKind | RegistrationMailKind | NoticeKind;
