import { ServiceError } from '@sallyport/nest-zero-trust';
import { RestorationService, type Restoration } from '../restoration/restoration.service';
import { UsageError, type Command } from './command';

const TAKEN_AT = '--backup-taken-at';
const WITHOUT_FEED = '--without-feed';
const KEEP_API_KEYS = '--keep-api-keys';

/** RFC 3339 with an offset: an operator and a server may think of different zones. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** `restored …`: what an earlier state of the database needs before it may be used. */
export const restoredCommand: Command = {
  usage: [
    [
      `restored ${TAKEN_AT} TIME [${WITHOUT_FEED}] [${KEEP_API_KEYS}]`,
      'after a restore: ends every session and token, voids what works once, revokes again what was revoked since TIME',
    ],
  ],

  async run({ app, arguments: [option, written = '', ...more], readFeed, print }) {
    const flags = new Set(more);
    const isWritten =
      option === TAKEN_AT &&
      MOMENT.test(written) &&
      flags.size === more.length &&
      more.every((each) => each === WITHOUT_FEED || each === KEEP_API_KEYS);
    if (!isWritten) throw new UsageError();
    const backupTakenAt = new Date(written);
    if (Number.isNaN(backupTakenAt.getTime())) throw new UsageError();
    const feed = flags.has(WITHOUT_FEED) ? undefined : await readFeed().catch(feedNotRead);
    const restoration = await app
      .get(RestorationService, { strict: false })
      .afterRestore({ backupTakenAt, feed, keepApiKeys: flags.has(KEEP_API_KEYS) });
    for (const line of linesOf(restoration)) print(line);
  },
};

/** Going on by itself would end every API key: that is for the operator to say. */
function feedNotRead(cause: unknown): never {
  const detail = `${WITHOUT_FEED} goes on without it`;
  throw new ServiceError('UNAVAILABLE', 'revocation_feed_unavailable', detail, { cause });
}

function linesOf(restoration: Restoration): readonly string[] {
  const { taintedKeys, activeKey, endedSessions, voided, lost, endedApiKeys } = restoration;
  const counted = [...voided].filter(([, count]) => count > 0);
  return [
    `tainted ${taintedKeys.length} signing keys: no access token issued so far is accepted; ${activeKey} signs`,
    `ended ${endedSessions} sessions`,
    `voided ${counted.map(([table, count]) => `${count} of ${table}`).join(', ') || 'nothing'}`,
    ...(lost === undefined
      ? ['what was revoked since the backup is not known: no feed reaches back to it']
      : [
          listed('revoked again: API keys', lost.apiKeys),
          listed('revoked again: certificates', lost.certificates),
          listed('look up what happened to the accounts and partners', lost.subjects),
          listed('look up what happened to the clients', lost.clients),
        ]),
    ...(endedApiKeys === undefined ? [] : [`revoked all ${endedApiKeys} API keys`]),
  ];
}

function listed(what: string, ids: readonly string[]): string {
  return `${what}: ${ids.length === 0 ? 'none' : ids.join(', ')}`;
}
