import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  IDENTITY_KINDS,
  RATE_LIMIT_POLICY,
  REFUSED_CREDENTIALS,
  ROUTE_CLASSES,
} from './rate-limit-policy';

const written = readFileSync(join(__dirname, '../../../../docs/rate-limits.md'), 'utf8');

/** The cells of the rows of the one table that begins with this heading. */
function tableAfter(heading: string): readonly (readonly string[])[] {
  const [, table = ''] =
    new RegExp(`^\\| ${heading} +\\|.*\\n\\|[-| ]+\\|\\n((?:\\|.*\\n)+)`, 'm').exec(written) ?? [];
  const rows = table.trim().split('\n');
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

it('docs/rate-limits.md has the quotas of the policy', () => {
  expect(tableAfter('who')).toEqual(
    IDENTITY_KINDS.map((kind) => [
      `\`${kind}\``,
      ...ROUTE_CLASSES.map((routeClass) => String(RATE_LIMIT_POLICY[kind][routeClass])),
    ]),
  );
  expect(written).toContain(`may present ${REFUSED_CREDENTIALS} credentials in a minute`);
});
