import { Readable } from 'node:stream';
import { describeOnSharedState, type SharedStateForTests } from '@sallyport/testing';
import { StartedAuthService, SEEDED } from '../start.fixture';
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

  async function run(written: string, input = '') {
    const [output, complaints]: [string[], string[]] = [[], []];
    const exitCode = await runCommand({
      environment: { ...service.settings, LOG_LEVEL: 'info' },
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
    'explain-token eyJ',
    'explain-token',
  ])('shows how it is written, and does nothing, for %j', async (written) => {
    const { exitCode, output, complaints } = await run(written);
    expect({ exitCode, output }).toEqual({ exitCode: 2, output: '' });
    expect(complaints).toMatch(/^usage:/);
  });

  it.each([
    ['keys retire no-such-key', 'refused: signing_key_not_found'],
    ['keys activate', 'refused: no_signing_key_prepared'],
    ['accounts lock nobody@example.com', 'refused: account_not_found'],
    ['accounts lock nobody', 'refused: email_invalid'],
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
    expect((await run('keys reseal')).output).toBe('sealed 0 private keys again');
  });

  it('lock an account out and let it in again', async () => {
    const gateway = await service.clientOf('gateway');
    const logIn = () =>
      gateway.login(
        { ...SEEDED, userAgent: '' },
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
    await expect(logIn()).resolves.toBeDefined();
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
