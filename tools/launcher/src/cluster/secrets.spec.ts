import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOCAL_ACCOUNTS } from './accounts';
import { LOCAL_CLIENTS } from './clients';
import { openHome } from './home';
import type { Home } from './home';
import { LOCAL_PARTNERS } from './partners';
import { openSecrets } from './secrets';

const REQUEST = {
  databaseRoles: ['sallyport_auth'],
  accounts: LOCAL_ACCOUNTS,
  partners: LOCAL_PARTNERS,
  clients: LOCAL_CLIENTS,
};

describe('openSecrets', () => {
  let home: Home;

  beforeEach(async () => {
    home = await openHome(mkdtempSync(join(tmpdir(), 'sallyport-secrets-')));
  });

  afterEach(() => {
    rmSync(home.root, { recursive: true });
  });

  it.each([
    ['not JSON', '{'],
    ['another shape', '{"databasePasswords":{}}'],
    ['an empty password', '{"databasePasswords":{"sallyport_auth":""},"accountPasswords":{}}'],
  ])('refuses a secrets file that is %s, in one line', async (_, content) => {
    writeFileSync(home.secretsFile, content);

    const refusal: unknown = await openSecrets(home, REQUEST).catch((cause: unknown) => cause);

    expect(String(refusal)).toContain(`${home.secretsFile} is damaged`);
    expect(String(refusal)).not.toContain('\n');
    expect(readFileSync(home.secretsFile, 'utf8')).toBe(content);
  });

  it('writes no file that others can read', async () => {
    await openSecrets(home, REQUEST);

    const files = [
      home.secretsFile,
      home.seedAccountsFile,
      home.seedClientsFile,
      home.seedPartnersFile,
      home.keyEncryptionKeyFile,
    ];
    expect(JSON.parse(readFileSync(home.seedPartnersFile, 'utf8'))).toEqual(LOCAL_PARTNERS);
    expect(new Set(files.map((file) => statSync(file).mode & 0o777))).toEqual(new Set([0o600]));
    expect(readdirSync(home.root)).not.toContainEqual(expect.stringContaining('draft'));
  });

  it('keeps what it generated, and adds what is newly asked for', async () => {
    const first = await openSecrets(home, REQUEST);
    const key = readFileSync(home.keyEncryptionKeyFile, 'utf8');
    const later = await openSecrets(home, {
      ...REQUEST,
      databaseRoles: ['sallyport_auth', 'sallyport_orders'],
    });

    expect(later.accounts).toEqual(first.accounts);
    expect(later.databasePasswords).toMatchObject(first.databasePasswords);
    expect(Object.keys(later.databasePasswords).sort()).toEqual([
      'sallyport_auth',
      'sallyport_orders',
    ]);
    expect(readFileSync(home.keyEncryptionKeyFile, 'utf8')).toBe(key);
    expect(Buffer.from(key, 'base64')).toHaveLength(32);
  });

  it('gives every account a password of its own that needs no quoting', async () => {
    const { accounts } = await openSecrets(home, REQUEST);

    expect(new Set(accounts.map(({ password }) => password)).size).toBe(LOCAL_ACCOUNTS.length);
    for (const { password } of accounts) expect(password).toMatch(/^[\w-]{24}$/);
    expect(JSON.parse(readFileSync(home.seedAccountsFile, 'utf8'))).toEqual(
      accounts.map(({ email, password, scopes }) => ({ email, password, scopes })),
    );
  });

  it('gives a secret to each client that authenticates, also in a home older than clients', async () => {
    writeFileSync(home.secretsFile, '{"databasePasswords":{},"accountPasswords":{}}');
    await openSecrets(home, REQUEST);
    const first = readFileSync(home.seedClientsFile, 'utf8');
    await openSecrets(home, REQUEST);

    expect(readFileSync(home.seedClientsFile, 'utf8')).toBe(first);
    expect(JSON.parse(first)).toEqual([
      LOCAL_CLIENTS[0],
      { ...LOCAL_CLIENTS[1], secret: expect.stringMatching(/^[\w-]{43}$/) },
    ]);
  });
});
