import { sql, type Migration } from 'kysely';

/**
 * The chain of one service, empty. That rows are only ever appended is refused here too, which stops mistakes and
 * whoever can make the service run SQL of its own kinds; the owner of the table can lift it, and the chain shows.
 */
export function securityEventsMigration(service: string): Migration {
  return {
    async up(db) {
      await sql`
        CREATE TABLE security_events (
          seq            bigint PRIMARY KEY,
          recorded_at    timestamptz(3) NOT NULL,
          type           text NOT NULL,
          outcome        text NOT NULL,
          reason         text NOT NULL,
          correlation_id text,
          caller         text,
          principal      text,
          session        text,
          api_key_id     text,
          target         text,
          client_address text,
          client_port    integer,
          lost_events    integer,
          certificate    text,
          previous_hash  bytea NOT NULL,
          hash           bytea NOT NULL
        )`.execute(db);
      await sql`
        CREATE INDEX security_events_by_principal ON security_events (principal, seq)
        WHERE principal IS NOT NULL`.execute(db);
      await sql`
        CREATE INDEX security_events_by_correlation ON security_events (correlation_id, seq)
        WHERE correlation_id IS NOT NULL`.execute(db);
      await sql`CREATE INDEX security_events_by_reason ON security_events (reason, seq)`.execute(
        db,
      );
      await sql`CREATE INDEX security_events_by_time ON security_events (recorded_at)`.execute(db);
      await sql`
        CREATE FUNCTION refuse_change_of_security_events() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'security_events is append-only' USING ERRCODE = 'insufficient_privilege';
        END $$`.execute(db);
      await sql`
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON security_events
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_security_events()`.execute(db);
      await sql`
        CREATE TABLE security_event_chain (
          single   boolean PRIMARY KEY DEFAULT true CHECK (single),
          chain_id uuid NOT NULL,
          follows  text,
          seq      bigint NOT NULL,
          hash     bytea NOT NULL
        )`.execute(db);
      await sql`
        INSERT INTO security_event_chain (chain_id, seq, hash)
        SELECT id, 0, sha256(convert_to(${sql.lit(service)} || '/' || id, 'UTF8'))
          FROM gen_random_uuid() AS id`.execute(db);
    },

    async down(db) {
      await sql`DROP TABLE security_event_chain`.execute(db);
      await sql`DROP TABLE security_events`.execute(db);
      await sql`DROP FUNCTION refuse_change_of_security_events`.execute(db);
    },
  };
}
