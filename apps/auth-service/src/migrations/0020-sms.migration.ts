import { sql, type Migration } from 'kysely';

/**
 * Phone numbers as second factors, and the codes that were sent to them. A number that is being enrolled stands beside the
 * one in use until it is confirmed; a code stands for what it was asked for, and only the last one.
 */
export const sms: Migration = {
  async up(db) {
    await sql`
      CREATE TABLE phone_factors (
        id                uuid PRIMARY KEY,
        account_id        uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
        state             text NOT NULL CHECK (state IN ('pending', 'active')),
        sealed_number     bytea NOT NULL,
        sealing_key_id    text NOT NULL,
        sealing_algorithm text NOT NULL,
        masked_number     text NOT NULL,
        password_version  integer NOT NULL,
        risk_accepted_at  timestamptz(3) NOT NULL,
        created_at        timestamptz(3) NOT NULL,
        expires_at        timestamptz(3),
        confirmed_at      timestamptz(3),
        last_used_at      timestamptz(3),
        UNIQUE (account_id, state),
        CHECK ((state = 'pending') = (expires_at IS NOT NULL)),
        CHECK ((state = 'active') = (confirmed_at IS NOT NULL))
      )`.execute(db);
    await sql`
      CREATE INDEX phone_factors_by_expiry ON phone_factors (expires_at)
      WHERE expires_at IS NOT NULL`.execute(db);
    await sql`
      CREATE TABLE sms_codes (
        bound_to      bytea PRIMARY KEY CHECK (octet_length(bound_to) = 32),
        factor_id     uuid NOT NULL REFERENCES phone_factors ON DELETE CASCADE,
        code_mac      bytea NOT NULL CHECK (octet_length(code_mac) = 32),
        attempts_left integer NOT NULL CHECK (attempts_left >= 0),
        created_at    timestamptz(3) NOT NULL,
        expires_at    timestamptz(3) NOT NULL
      )`.execute(db);
    await sql`CREATE INDEX sms_codes_by_factor ON sms_codes (factor_id)`.execute(db);
    await sql`CREATE INDEX sms_codes_by_expiry ON sms_codes (expires_at)`.execute(db);
  },

  async down(db) {
    await sql`DROP TABLE sms_codes`.execute(db);
    await sql`DROP TABLE phone_factors`.execute(db);
  },
};
