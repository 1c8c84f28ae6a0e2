/** @timed Services are started and restarted. */
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { auditTablesOf, SecurityEventLog, verifyChain } from '@sallyport/audit';
import { parseApiKey } from '@sallyport/api-keys';
import { RpcError } from '@sallyport/contracts';
import { createDatabase } from '@sallyport/persistence';
import { createPrincipal, encodeIdentityHeaders } from '@sallyport/principal';
import {
  copyOfDatabase,
  describeOnSharedState,
  type SharedStateForTests,
} from '@sallyport/testing';
import type { AuthTables } from '../auth.tables';
import { runCommand } from '../commands/run-command';
import { SEEDED, StartedAuthService } from '../start.fixture';

jest.setTimeout(90_000);

const options = { timeoutMs: 8_000, metadata: { 'x-client-address': '192.0.2.9' } };

describeOnSharedState('a database that was restored', (open) => {
  let sharedState: SharedStateForTests;
  let service: StartedAuthService;

  beforeAll(async () => {
    sharedState = await open();
    service = await StartedAuthService.start(sharedState.url);
    await untilReady();
  });

  afterAll(async () => {
    await service.close();
    await sharedState.close();
  });

  /** One that has just started may not have reached its Redis yet. */
  async function untilReady(): Promise<void> {
    const url = `http://${service.settings['OPS_LISTEN'] ?? ''}/health/ready`;
    while ((await fetch(url)).status !== 200) await delay(50);
  }

  /** One for each channel, by a call that changes nothing. */
  const probes: (() => Promise<unknown>)[] = [];

  /** A channel that has seen the service go connects again after a pause. */
  async function untilConnected(probe: () => Promise<unknown>): Promise<void> {
    const isAway = (error: unknown): boolean =>
      error instanceof RpcError && error.status === 'UNAVAILABLE';
    while (await probe().then(() => false, isAway)) await delay(50);
  }

  async function restart(meanwhile: Parameters<StartedAuthService['restart']>[0]): Promise<void> {
    await service.restart(meanwhile);
    await untilReady();
    await Promise.all(probes.map(untilConnected));
  }

  async function run(written: string, settings: object = {}, input = '') {
    const [output, complaints]: [string[], string[]] = [[], []];
    const exitCode = await runCommand({
      environment: { ...service.settings, ...settings },
      arguments: written.split(' '),
      input: Readable.from([input]),
      print: (line) => output.push(line),
      complain: (line) => complaints.push(line),
    });
    return { exitCode, output: output.join('\n'), complaints: complaints.join('\n') };
  }

  async function people() {
    const gateway = await service.clientOf('gateway');
    const apiKeys = await service.apiKeysClientOf('gateway');
    probes.push(
      () => gateway.logout({ refreshToken: 'nobody’s' }, options),
      () => apiKeys.resolveApiKey({ apiKeyId: 'none', secretHash: Buffer.alloc(0) }, options),
    );
    return {
      logIn: async () => {
        const { tokens } = await gateway.login(
          { ...SEEDED, userAgent: '', deviceTokens: '' },
          options,
        );
        return { accessToken: tokens?.accessToken ?? '', refreshToken: tokens?.refreshToken ?? '' };
      },
      refresh: (refreshToken: string) => gateway.refresh({ refreshToken, userAgent: '' }, options),
      logOut: (refreshToken: string) => gateway.logout({ refreshToken }, options),
      async createApiKey(accessToken: string) {
        const [, payload = ''] = accessToken.split('.');
        const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
          sub: string;
          sid: string;
        };
        const scopes = new Set(['keys:manage', 'api-keys:manage']);
        const owner = createPrincipal({
          ...{ id: claims.sub, type: 'user', scopes, sessionId: claims.sid },
        });
        const wanted = { name: 'a job', scopes: ['keys:manage'], expiresAt: undefined };
        const { presentedKey } = await apiKeys.createApiKey(wanted, {
          ...options,
          metadata: { ...options.metadata, ...encodeIdentityHeaders(owner) },
        });
        const { id = '', secretHash = Buffer.alloc(0) } = parseApiKey(presentedKey) ?? {};
        return { id, resolve: () => apiKeys.resolveApiKey({ apiKeyId: id, secretHash }, options) };
      },
    };
  }

  const explain = async (accessToken: string) =>
    (await run('explain-token', {}, `Bearer ${accessToken}\n`)).output;

  it('undoes what was ended since, until the command has ended it again', async () => {
    const { logIn, refresh, logOut, createApiKey } = await people();
    const [used, ended] = [await logIn(), await logIn()];
    const [revoked, kept] = [
      await createApiKey(used.accessToken),
      await createApiKey(used.accessToken),
    ];
    const copies: string[] = [];
    await restart(async () => {
      const url = service.settings['DATABASE_URL'] ?? '';
      copies.push(await copyOfDatabase(url), await copyOfDatabase(url));
      return {};
    });
    const backupTakenAt = new Date().toISOString();
    const [untouched = '', repaired = ''] = copies;

    // Since the backup: a token is used up, a session and an API key end.
    await refresh(used.refreshToken);
    await logOut(ended.refreshToken);
    await run(`api-keys revoke ${revoked.id}`);
    const later = await logIn();

    // The backup as it is: all of that works again.
    await restart(() => Promise.resolve({ DATABASE_URL: untouched }));
    await expect(refresh(used.refreshToken)).resolves.toBeDefined();
    await expect(refresh(ended.refreshToken)).resolves.toBeDefined();
    await expect(revoked.resolve()).resolves.toBeDefined();

    // The other one, with the command before anybody uses it.
    let told = '';
    await restart(async () => {
      const settings = { DATABASE_URL: repaired };
      const { exitCode, output, complaints } = await run(
        `restored --backup-taken-at ${backupTakenAt}`,
        settings,
      );
      expect({ exitCode, complaints }).toEqual({ exitCode: 0, complaints: '' });
      told = output;
      return settings;
    });
    expect(told).toMatch(/^tainted \d signing keys: no access token issued so far is accepted/);
    expect(told).toMatch(/^ended 2 sessions$/m);
    expect(told).toContain(`revoked again: API keys: ${revoked.id}\n`);
    for (const { refreshToken } of [used, ended, later]) {
      await expect(refresh(refreshToken)).rejects.toMatchObject({ reason: 'invalid_grant' });
    }
    for (const { accessToken } of [used, ended, later]) {
      expect(await explain(accessToken)).toMatch(/^REFUSED: /);
    }
    await expect(revoked.resolve()).rejects.toMatchObject({ reason: 'invalid_api_key' });
    await expect(kept.resolve()).resolves.toBeDefined();
    const again = await logIn();
    await expect(refresh(again.refreshToken)).resolves.toBeDefined();

    const database = createDatabase<AuthTables>({ url: repaired, applicationName: 'spec' });
    const db = auditTablesOf(database);
    const { events } = await new SecurityEventLog(db).list(
      { reason: 'database_restored' },
      { size: 10 },
    );
    expect(events).toMatchObject([{ type: 'audit', target: backupTakenAt }]);
    expect((await verifyChain(db, { service: 'auth-service' })).fault).toBeUndefined();
    await database.close();
  });

  it('loses its API keys where nobody can tell which were revoked', async () => {
    const { logIn, createApiKey } = await people();
    const key = await createApiKey((await logIn()).accessToken);
    const takenAt = `--backup-taken-at ${new Date().toISOString()}`;

    const away = await run(`restored ${takenAt}`, { REDIS_URL: 'redis://127.0.0.1:1' });
    expect(away).toMatchObject({ exitCode: 1, output: '' });
    expect(away.complaints).toMatch(/revocation_feed_unavailable \(--without-feed goes on/);
    await expect(key.resolve()).resolves.toBeDefined();

    const kept = await run(`restored ${takenAt} --without-feed --keep-api-keys`);
    expect(kept.output).toContain('what was revoked since the backup is not known');
    await expect(key.resolve()).resolves.toBeDefined();

    const day = 24 * 60 * 60 * 1_000;
    const old = new Date(Date.now() - day - 1_000).toISOString();
    expect((await run(`restored --backup-taken-at ${old}`)).output).toMatch(
      /^revoked all [1-9]\d* API keys$/m,
    );
    await expect(key.resolve()).rejects.toMatchObject({ reason: 'invalid_api_key' });
  });
});
