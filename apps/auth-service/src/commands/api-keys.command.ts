import type { INestApplicationContext } from '@nestjs/common';
import type { ApiKey } from '../api-keys/api-key';
import { ApiKeyControlService } from '../api-keys/api-key-control.service';
import { UsageError } from './command';
import type { Command } from './command';
import { table } from './table';

const HIGHEST_LIMIT = 1_000_000;

/** `api-keys …`: what operators do to the API keys of accounts. */
export const apiKeysCommand: Command = {
  usage: [
    ['api-keys list ACCOUNT', 'the keys of an account that work or ended in the last 30 days'],
    ['api-keys revoke KEY_ID', 'ends a key'],
    ['api-keys revoke-all ACCOUNT', 'ends all keys of an account'],
    [
      'api-keys limit KEY_ID REQUESTS_PER_MINUTE|none',
      'gives a key a limit of its own, or the usual one again; at the gateways within a minute',
    ],
  ],

  async run({ app, arguments: [name = '', target = '', ...more], print }) {
    const lines = target === '' ? undefined : await order(app, name, target, more);
    if (lines === undefined) throw new UsageError();
    for (const line of lines) print(line);
  },
};

/** What it came to; undefined for what is no order. */
async function order(
  app: INestApplicationContext,
  name: string,
  target: string,
  more: readonly string[],
): Promise<readonly string[] | undefined> {
  const keys = app.get(ApiKeyControlService, { strict: false });
  const [limit, ...rest] = more;
  if (name === 'limit') {
    const requestsPerMinute = parseLimit(limit);
    if (requestsPerMinute === undefined || rest.length > 0) return undefined;
    await keys.limit(
      target,
      requestsPerMinute === 'none' ? undefined : requestsPerMinute,
      undefined,
    );
    const said = requestsPerMinute === 'none' ? 'the usual' : String(requestsPerMinute);
    return [`${target} may make ${said} requests a minute, at the gateways within a minute`];
  }
  if (limit !== undefined) return undefined;
  switch (name) {
    case 'list':
      return listed(await keys.list(target));
    case 'revoke':
      await keys.revoke(target, undefined);
      return [`revoked ${target}`];
    case 'revoke-all': {
      const { id, revokedKeys } = await keys.revokeAll(target, undefined);
      return [`revoked ${revokedKeys} keys of ${id}`];
    }
    default:
      return undefined;
  }
}

function parseLimit(written = ''): number | 'none' | undefined {
  if (written === 'none') return written;
  const limit = /^[1-9]\d{0,6}$/.test(written) ? Number(written) : Infinity;
  return limit <= HIGHEST_LIMIT ? limit : undefined;
}

function listed(keys: readonly ApiKey[]): readonly string[] {
  if (keys.length === 0) return ['no keys'];
  const head = ['KEY ID', 'NAME', 'SCOPES', 'CREATED', 'LAST USED', 'ENDS', 'PER MINUTE'];
  return table([head, ...keys.map(cellsOf)]);
}

function cellsOf(key: ApiKey): readonly string[] {
  const { id, name, scopes, createdAt, expiresAt, revokedAt, requestsPerMinute } = key;
  const uses = [key.current.lastUsedAt, key.previous?.lastUsedAt].flatMap((use) => use ?? []);
  const lastUse = uses.sort((one, other) => other.getTime() - one.getTime()).at(0);
  return [
    id,
    name,
    scopes.join(' '),
    createdAt.toISOString(),
    lastUse?.toISOString() ?? 'never',
    revokedAt ? `revoked ${revokedAt.toISOString()}` : (expiresAt?.toISOString() ?? 'never'),
    String(requestsPerMinute ?? 'usual'),
  ];
}
