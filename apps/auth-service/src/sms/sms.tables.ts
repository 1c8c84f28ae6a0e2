export interface PhoneFactorsTable {
  id: string;
  account_id: string;
  /** An account has at most one of each. */
  state: 'pending' | 'active';
  sealed_number: Buffer;
  sealing_key_id: string;
  sealing_algorithm: string;
  /** What of the number is shown to its owner. */
  masked_number: string;
  /** Of the account, when its owner asked for it. */
  password_version: number;
  /** When its owner said to know what a text message is worth. */
  risk_accepted_at: Date;
  created_at: Date;
  /** Until when it can be confirmed; null once it has been. */
  expires_at: Date | null;
  confirmed_at: Date | null;
  last_used_at: Date | null;
}

export interface SmsCodesTable {
  /** What the code is for, 32 bytes: there is one at a time. */
  bound_to: Buffer;
  factor_id: string;
  /** Under a key that is not in the database: a million codes are soon tried. */
  code_mac: Buffer;
  attempts_left: number;
  created_at: Date;
  expires_at: Date;
}
