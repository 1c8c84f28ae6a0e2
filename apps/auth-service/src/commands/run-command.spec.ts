import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parseApiKey } from '@sallyport/api-keys';
import { createPrincipal, encodeIdentityHeaders } from '@sallyport/principal';
import { describeOnSharedState, FakeCa, type SharedStateForTests } from '@sallyport/testing';
import { parseEmailAddress } from '../accounts/email-address';
import { LocalMailSender } from '../mail/local.mail-sender';
import { certificateOf, newThumbprint } from '../partners/partners.fixture';
import { SEEDED, SEEDED_PARTNER, StartedAuthService } from '../start.fixture';
import { auditTablesOf, SecurityEventLog, verifyChain } from '@sallyport/audit';
import { createDatabase } from '@sallyport/persistence';
import type { AuthTables } from '../auth.tables';
import { runCommand } from './run-command';

describeOnSharedState('the commands of an operator', (open) => {
  let sharedState: SharedStateForTests;
  let service: StartedAuthService;

  beforeAll(async () => {
    sharedState = await open();
    service = await StartedAuthService.start(sharedState.url);
  });

  afterAll(async () => {
    await service.close();
    await sharedState.close();
  });

  async function run(written: string, input = '', settings: object = {}) {
    const [output, complaints]: [string[], string[]] = [[], []];
    const exitCode = await runCommand({
      environment: { ...service.settings, LOG_LEVEL: 'info', ...settings },
      arguments: written.split(' ').filter((word) => word !== ''),
      input: Readable.from([input]),
      print: (line) => output.push(line),
      complain: (line) => complaints.push(line),
    });
    return { exitCode, output: output.join('\n'), complaints: complaints.join('\n') };
  }

  it.each([
    '',
    'nonsense',
    'constructor',
    'keys',
    'keys nonsense',
    'keys list more',
    'keys taint',
    'keys activate --now',
    'keys prepare --immediately',
    'accounts lock',
    'accounts lock a b',
    'accounts remove-factors',
    'api-keys list',
    'api-keys list a b',
    'api-keys revoke',
    'api-keys limit a',
    'api-keys limit a 0',
    'api-keys limit a 1000001',
    'api-keys limit a 1.5',
    'api-keys limit a 1 2',
    'api-keys constructor a',
    'partners',
    'partners nonsense',
    'partners list more',
    'partners add acme',
    'partners disable',
    'partners disable a b',
    'clients',
    'clients list more',
    'clients create only-an-id',
    'clients create an-id A name',
    'clients create an-id Name --type other',
    'clients create an-id Name --secret s',
    'clients rotate-secret',
    'clients rotate-secret an-id --overlap -1',
    'clients rotate-secret an-id --overlap 1d',
    'clients replace-keys an-id',
    'clients disable',
    'clients enable a b',
    'outbox 0',
    'outbox ten',
    'outbox 1 2',
    'restored',
    'restored --backup-taken-at yesterday',
    'restored --backup-taken-at 2026-11-26T10:00',
    'restored --backup-taken-at 2026-11-26T10:00:00Z --quickly',
    'explain-token eyJ',
    'explain-token',
  ])('shows how it is written, and does nothing, for %j', async (written) => {
    const { exitCode, output, complaints } = await run(written);
    expect({ exitCode, output }).toEqual({ exitCode: 2, output: '' });
    expect(complaints).toMatch(/^usage:/);
  });

  it.each([
    ['restored --backup-taken-at 2999-01-01T00:00:00Z', 'refused: backup_time_invalid'],
    ['keys retire no-such-key', 'refused: signing_key_not_found'],
    ['keys activate', 'refused: no_signing_key_prepared'],
    ['accounts lock nobody@example.com', 'refused: account_not_found'],
    ['accounts lock nobody', 'refused: email_invalid'],
    ['accounts remove-factors nobody@example.com', 'refused: account_not_found'],
    ['api-keys list nobody@example.com', 'refused: account_not_found'],
    ['api-keys revoke-all nobody@example.com', 'refused: account_not_found'],
    ['api-keys revoke unknown', 'refused: api_key_not_found'],
    ['api-keys limit unknown none', 'refused: api_key_not_found'],
    ['partners disable nobody', 'refused: partner_not_found'],
    ['partners add acme Acme orders:read', 'refused: partner_exists'],
    ['partners retire-certificate acme x', 'refused: certificate_not_found'],
    ['partners add-certificate acme /no/file', 'refused: certificate_file_unreadable (/no/file)'],
    ['partners revoke-certificate /no/file', 'refused: certificate_file_unreadable (/no/file)'],
    ['partners limit acme 0', 'refused: limit_invalid (none, or 1 to 1000000)'],
    ['outbox', 'MAIL_OUTBOX_DIR: mail is kept here only where it is set'],
    ['clients disable nobody', 'refused: oauth_client_not_found'],
    ['clients rotate-secret nobody', 'refused: oauth_client_not_found'],
    [
      'clients create a-client Name --redirect http://app.example/',
      'refused: oauth_redirect_uri_invalid (redirect_uris http://app.example/ is not https)',
    ],
    [
      'clients create a-client Name --redirect https://app.example/ --jwks none.json',
      'refused: oauth_client_metadata_invalid (none.json is no file of JSON)',
    ],
  ])('says in one line why not: %s', async (written, line) => {
    const { exitCode, output, complaints } = await run(written);
    expect({ exitCode, output, complaints }).toEqual({ exitCode: 1, output: '', complaints: line });
  });

  it('shows the mail that is kept instead of being sent, the newest last', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'outbox-'));
    try {
      const settings = { MAIL_OUTBOX_DIR: folder };
      expect((await run('outbox', '', settings)).output).toBe('no mail');
      let at = Date.now();
      const sender = new LocalMailSender(folder, () => new Date((at += 1000)));
      for (const id of ['one', 'two', 'three']) {
        const to = parseEmailAddress('ada@example.com');
        await sender.send({ id, to, subject: id, text: `text ${id}\n`, html: '' });
      }
      const { exitCode, output } = await run('outbox 2', '', settings);
      expect(exitCode).toBe(0);
      expect(output.match(/^text .+$/gm)).toEqual(['text two', 'text three']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('walk a key through its life while the service signs, and leave a trace', async () => {
    // The schedule may have been faster.
    const prepared = await run('keys prepare');
    expect(prepared.output + prepared.complaints).toMatch(/prepared/);
    const kid = /^(\S+)\s+prepared/m.exec((await run('keys list')).output)?.[1] ?? '';
    expect((await run('keys activate')).complaints).toMatch(
      /^refused: signing_key_published_too_recently \(it may sign from \S+Z\)$/m,
    );
    const activated = await run('keys activate --immediately');
    expect(activated.output).toBe(`${kid} signs from now on`);
    expect(activated.complaints).toContain('"reason":"signing_key_activated"');
    expect((await run('keys list')).output).toMatch(new RegExp(`${kid}\\s+active`));
    const tainted = await run(`keys taint ${kid}`);
    expect(tainted.output).toMatch(
      new RegExp(`^tainted ${kid}, ended \\d+ sessions; \\S+ signs\n`),
    );
    // By the service that runs beside it.
    expect(tainted.output).toMatch(/\npublished to the gateways after \d+ ms$/);
    expect((await run('keys reseal')).output).toBe(
      'sealed 0 private keys again\nsealed 0 TOTP secrets again\nsealed 0 phone numbers again',
    );
  });

  it('lock an account out and let it in again', async () => {
    const gateway = await service.clientOf('gateway');
    const logIn = () =>
      gateway.login(
        { ...SEEDED, userAgent: '', deviceTokens: '' },
        { timeoutMs: 8_000, metadata: { 'x-client-address': '192.0.2.9' } },
      );
    const { tokens } = await logIn();
    const locked = await run(`accounts lock ${SEEDED.email}`);
    expect(locked.output).toMatch(/^locked \S+, ended 1 sessions\npublished to the gateways/);
    await expect(logIn()).rejects.toMatchObject({ reason: 'invalid_credentials' });
    const explained = await run('explain-token', `Bearer ${tokens?.accessToken ?? ''}\n`);
    expect(explained.output).toMatch(/^REFUSED: revoked by subject, because of account_locked/);
    expect(explained.output + explained.complaints).not.toContain(tokens?.accessToken);
    expect((await run(`accounts unlock ${SEEDED.email}`)).output).toMatch(/^unlocked/);
    expect((await run(`accounts remove-factors ${SEEDED.email}`)).output).toMatch(
      /^removed the second factors of \S+, ended 0 sessions\npublished to the gateways/,
    );
    await expect(logIn()).resolves.toBeDefined();
  });

  it('list, limit and revoke the API keys of an account', async () => {
    const options = { timeoutMs: 8_000, metadata: { 'x-client-address': '192.0.2.9' } };
    const auth = await service.clientOf('gateway');
    const { tokens } = await auth.login({ ...SEEDED, userAgent: '', deviceTokens: '' }, options);
    const [, payload = ''] = (tokens?.accessToken ?? '').split('.');
    const { sub, sid } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
      sub: string;
      sid: string;
    };
    const scopes = new Set(['keys:manage', 'api-keys:manage']);
    const owner = createPrincipal({ id: sub, type: 'user', scopes, sessionId: sid });
    const gateway = await service.apiKeysClientOf('gateway');
    const wanted = { name: 'rotation job', scopes: ['keys:manage'], expiresAt: undefined };
    const { presentedKey } = await gateway.createApiKey(wanted, {
      ...options,
      metadata: { ...options.metadata, ...encodeIdentityHeaders(owner) },
    });
    const { id = '', secretHash = Buffer.alloc(0) } = parseApiKey(presentedKey) ?? {};
    const resolve = () => gateway.resolveApiKey({ apiKeyId: id, secretHash }, options);

    expect((await run(`api-keys limit ${id} 600`)).output).toBe(
      `${id} may make 600 requests a minute, at the gateways within a minute`,
    );
    expect(await resolve()).toMatchObject({ accountId: sub, requestsPerMinute: 600 });
    const listed = await run(`api-keys list ${SEEDED.email}`);
    expect(listed.output).toMatch(
      new RegExp(`^KEY ID .*\\n${id} +rotation job +keys:manage .* 600$`),
    );
    await run(`api-keys limit ${id} none`);
    expect(await resolve()).toMatchObject({ requestsPerMinute: 0, scopes: ['keys:manage'] });

    const revoked = await run(`api-keys revoke ${id}`);
    expect(revoked.output).toMatch(new RegExp(`^revoked ${id}\npublished to the gateways after`));
    expect(revoked.complaints).toContain('"reason":"api_key_revoked"');
    await expect(resolve()).rejects.toMatchObject({ reason: 'invalid_api_key' });
    expect((await run(`api-keys revoke-all ${SEEDED.email}`)).output).toBe(
      `revoked 0 keys of ${sub}`,
    );
    expect((await run(`api-keys list ${sub}`)).output).toMatch(/ revoked \S+Z +usual$/);
  });

  it('take a partner in, renew its certificate and keep it out', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'partners-'));
    const ca = await FakeCa.create();
    const certificates = await Promise.all(
      ['old', 'new'].map(async (name) => {
        const { chain } = await ca.leaf('globex').issue();
        const certificate = certificateOf(chain[0] ?? Buffer.alloc(0));
        writeFileSync(join(folder, name), certificate.pem);
        return certificate.thumbprint;
      }),
    );
    const [old = '', successor = ''] = certificates;
    const gateway = await service.partnersClientOf('gateway');
    const resolve = (thumbprint: string) =>
      gateway.resolvePartner(
        { certificate: { thumbprint, subjectAlternativeNames: [] }, mayBeUnknown: false },
        { timeoutMs: 8_000 },
      );
    const partners = async (written: string, input = '') =>
      (await run(`partners ${written}`, input)).output;

    expect(await partners('add globex Globex orders:read,orders:write')).toBe(
      'added globex: it needs add-certificate or add-name',
    );
    await expect(resolve(old)).rejects.toMatchObject({ reason: 'partner_unknown' });
    for (const [file, thumbprint, input] of [
      [join(folder, 'old'), old, ''],
      ['-', successor, readFileSync(join(folder, 'new'), 'latin1')],
    ] as const) {
      expect(await partners(`add-certificate globex ${file}`, input)).toMatch(
        new RegExp(`^globex is known by ${thumbprint}, which expires \\S+Z$`),
      );
      await expect(resolve(thumbprint)).resolves.toMatchObject({ partnerId: 'globex' });
    }
    expect(await partners('limit globex 90')).toMatch(/^globex may make 90 requests a minute\n/);
    expect(await partners('list')).toMatch(
      new RegExp(`^globex +Globex +orders:read orders:write +90 +enabled +.*${successor}`, 'm'),
    );
    expect(await partners(`retire-certificate globex ${old}`)).toMatch(
      new RegExp(`^retired ${old} of globex\npublished to the gateways after \\d+ ms$`),
    );
    await expect(resolve(old)).rejects.toMatchObject({ reason: 'certificate_revoked' });
    await expect(resolve(successor)).resolves.toEqual({
      partnerId: 'globex',
      scopes: ['orders:read', 'orders:write'],
      requestsPerMinute: 90,
    });
    expect(await partners('scopes globex orders:read')).toMatch(/^globex may do orders:read\n/);
    expect(await partners('disable globex')).toMatch(/^disabled globex\npublished/);
    await expect(resolve(successor)).rejects.toMatchObject({ reason: 'partner_disabled' });
    expect(await partners('enable globex')).toBe('enabled globex');
    await expect(resolve(successor)).resolves.toMatchObject({ scopes: ['orders:read'] });
    expect(await partners(`revoke-certificate ${join(folder, 'new')}`)).toMatch(
      new RegExp(`^revoked ${successor} of globex\n`),
    );
    await expect(resolve(successor)).rejects.toMatchObject({ reason: 'certificate_revoked' });
    rmSync(folder, { recursive: true });
  });

  it('move a partner that is known by its names', async () => {
    const { id, names } = SEEDED_PARTNER;
    const gateway = await service.partnersClientOf('gateway');
    const resolve = () =>
      gateway.resolvePartner(
        {
          certificate: { thumbprint: newThumbprint(), subjectAlternativeNames: names },
          mayBeUnknown: false,
        },
        { timeoutMs: 8_000 },
      );
    await expect(resolve()).resolves.toMatchObject({ partnerId: id });
    const removed = await run(`partners remove-name ${id} ${names[0] ?? ''}`);
    expect(removed.output).toMatch(/^acme is no longer known by dns:api\.acme\.example\npublished/);
    await expect(resolve()).rejects.toMatchObject({ reason: 'partner_unknown' });
    const added = await run(`partners add-name ${id} DNS:API.acme.example`);
    expect(added.output).toBe('acme is known by dns:api.acme.example');
    await expect(resolve()).resolves.toMatchObject({ partnerId: id });
    const revoked = await run(`partners revoke-certificate ${newThumbprint()}`);
    expect(revoked.output).toMatch(/^revoked \S+ of no registered partner\npublished/);
  });

  it('have what they did in the chain of security events when they end', async () => {
    const database = createDatabase<AuthTables>({
      url: service.settings['DATABASE_URL'] ?? '',
      applicationName: 'spec',
    });
    const db = auditTablesOf(database);
    const lockings = async () => {
      const filter = { reason: 'account_locked' };
      return (await new SecurityEventLog(db).list(filter, { size: 100 })).events.length;
    };
    const before = await lockings();
    await run(`accounts lock ${SEEDED.email}`);
    expect(await lockings()).toBe(before + 1);
    await run(`accounts unlock ${SEEDED.email}`);
    expect((await verifyChain(db, { service: 'auth-service' })).fault).toBeUndefined();
    await database.close();
  });

  it('walk an OAuth client through its life, and leave a trace', async () => {
    const created = await run('clients create shop Shop --redirect https://shop.example/');
    expect(created.output).toMatch(/^registered shop\nits secret, shown this once: [\w-]{43}$/);
    expect(created.complaints).toContain('"reason":"oauth_client_created"');
    const [secret = ''] = /[\w-]{43}$/.exec(created.output) ?? [];
    expect(created.complaints).not.toContain(secret);
    expect((await run('clients create shop Shop --redirect https://a.example/')).complaints).toBe(
      'refused: oauth_client_exists',
    );
    const rotated = await run('clients rotate-secret shop --overlap 60');
    expect(rotated.output).toMatch(/^its secret, shown this once: [\w-]{43}$/);
    const listed = await run('clients list');
    expect(listed.output).toMatch(/^shop\s+Shop\s+client_secret_basic\s+openid\s+2\s+-$/m);
    const disabled = await run('clients disable shop');
    expect(disabled.output).toMatch(/^disabled shop, ended 0 sessions\npublished to the gateways/);
    expect((await run('clients list')).output).toMatch(/^shop\s.*\s2\s+20\S+Z$/m);
    expect((await run('clients enable shop')).output).toBe('enabled shop');
  });

  it('says so when the database is not there', async () => {
    const exitCode = await runCommand({
      environment: { ...service.settings, DATABASE_URL: 'postgres://u:p@127.0.0.1:1/none' },
      arguments: ['keys', 'list'],
      input: Readable.from(['']),
      print: () => undefined,
      complain: (line) => {
        expect(line).toBe('the database cannot answer now');
      },
    });
    expect(exitCode).toBe(1);
  });
});
