/** What accounts are written about. */
export type MailKind = 'password_reset' | 'password_was_reset' | 'password_changed';
