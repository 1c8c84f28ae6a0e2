import { sql, type Migration } from 'kysely';

/**
 * What {@link OwnEvents} looks events up by; for the services that record events about accounts. No other index has the
 * order of `-seq`: the planner, which takes what an account does for spread evenly, would go through the whole log by one of
 * those in search of what somebody has never done.
 */
export const ownEventsMigration: Migration = {
  async up(db) {
    await sql`
      CREATE INDEX security_events_of_principal_by_reason
      ON security_events (principal, reason, outcome, (-seq))
      WHERE principal IS NOT NULL`.execute(db);
    await sql`
      CREATE INDEX security_events_of_target_by_reason
      ON security_events (target, reason, outcome, (-seq))
      WHERE target IS NOT NULL AND type IN ('account', 'api_key', 'authentication')`.execute(db);
  },

  async down(db) {
    await sql`DROP INDEX security_events_of_target_by_reason`.execute(db);
    await sql`DROP INDEX security_events_of_principal_by_reason`.execute(db);
  },
};
