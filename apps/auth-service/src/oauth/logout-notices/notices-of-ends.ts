import { sql } from 'kysely';
import type { RawBuilder } from 'kysely';

/**
 * Records which clients are to be told of the sessions in the relation `ended`, in the statement that ends them, so that a
 * crash loses none: those that take somebody for signed in by a grant that ended, or that was given in a browser whose
 * sign-in ended, and that want to be told (Back-Channel Logout 1.0 section 2.5). A disabled client is told nothing.
 */
export function noticesOfEnds(now: Date): RawBuilder<unknown> {
  return sql`
    INSERT INTO oauth_logout_notices (client_id, account_id, client_sid, due_at)
    SELECT known.client_id, known.account_id, known.client_sid, ${now}::timestamptz
    FROM (
      SELECT id, client_id, account_id, client_sid FROM ended WHERE client_knows
      UNION
      SELECT grants.id, grants.client_id, grants.account_id, grants.client_sid
      FROM ended
      JOIN oauth_artifacts AS browser ON browser.uid = ended.browser_uid
      CROSS JOIN LATERAL jsonb_each(browser.payload -> 'authorizations') AS allowed(client_id, given)
      JOIN sessions AS grants ON grants.grant_id = allowed.given ->> 'grantId'
      WHERE grants.client_knows AND grants.ended_at IS NULL
    ) AS known
    JOIN oauth_clients AS client ON client.id = known.client_id
    WHERE client.metadata ? 'backchannel_logout_uri' AND client.disabled_at IS NULL`;
}
