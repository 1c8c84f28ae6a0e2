import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeClusterSecrets } from './cluster-secrets';
import { scramVerifier } from './scram-verifier';
import { SecretFolders } from './secret-folders';

const STORES = { postgres: 'postgres:5432', redis: 'redis:6379', postgresCaFile: '/run/ca.pem' };

describe('the secrets of a cluster', () => {
  let path: string;
  beforeEach(() => {
    path = mkdtempSync(join(tmpdir(), 'cluster-secrets-'));
  });
  afterEach(() => {
    rmSync(path, { recursive: true });
  });

  const make = () => makeClusterSecrets(new SecretFolders(path), STORES);
  const read = (holder: string, name: string) => readFileSync(join(path, holder, name), 'utf8');
  const everything = () =>
    Object.fromEntries(
      readdirSync(path).flatMap((holder) =>
        readdirSync(join(path, holder)).map((name) => [`${holder}/${name}`, read(holder, name)]),
      ),
    );

  it('give each holder its own', () => {
    make();
    expect(Object.keys(everything()).sort()).toEqual([
      'auth-service/database_url',
      'auth-service/key_encryption_key',
      'auth-service/password_pepper',
      'auth-service/redis_url',
      'billing-service/database_url',
      'gateway/database_url',
      'gateway/redis_url',
      'grafana/admin_password',
      'orders-service/database_url',
      'postgres-certificates/password',
      'postgres/certificates',
      'postgres/sallyport_auth',
      'postgres/sallyport_billing',
      'postgres/sallyport_gateway',
      'postgres/sallyport_orders',
      'postgres/superuser_password',
      'redis-certificates/password',
      'redis/health_password',
      'redis/users.acl',
    ]);
  });

  it('stay as they are when they are made again, but for the salts', () => {
    make();
    const before = everything();
    make();
    const after = everything();
    for (const [name, content] of Object.entries(before)) {
      if (content.startsWith('SCRAM')) expect(after[name]).toMatch(/^SCRAM-SHA-256\$4096:/);
      else expect(after[name]).toBe(content);
    }
  });

  it('fill what is missing without changing what a service knows', () => {
    make();
    const url = read('gateway', 'redis_url');
    rmSync(join(path, 'redis'), { recursive: true });
    make();
    const hash = createHash('sha256').update(new URL(url).password).digest('hex');
    expect(read('gateway', 'redis_url')).toBe(url);
    expect(read('redis', 'users.acl')).toContain(`user gateway on sanitize-payload #${hash} `);
  });

  it('tell the stores no password of a service', () => {
    make();
    const all = everything();
    const passwords = ['gateway', 'auth-service', 'orders-service', 'billing-service'].flatMap(
      (service) =>
        ['database_url', 'redis_url']
          .map((name) => all[`${service}/${name}`])
          .filter((url) => url !== undefined)
          .map((url) => new URL(url).password),
    );
    const told = Object.entries(all).filter(([name]) => /^(?:postgres|redis)\//.test(name));
    expect(passwords).toHaveLength(6);
    expect(new Set(passwords).size).toBe(6);
    for (const password of passwords) {
      expect(password).toMatch(/^[\w-]{43}$/);
      expect(told.filter(([, content]) => content.includes(password))).toEqual([]);
    }
  });

  it('are for their holder and its group to read', () => {
    make();
    for (const name of Object.keys(everything())) {
      expect([name, statSync(join(path, name)).mode & 0o777]).toEqual([name, 0o440]);
    }
  });

  it('let nobody into Redis who does not sign in, and nobody do everything', () => {
    make();
    const [first = '', ...users] = read('redis', 'users.acl').trim().split('\n');
    expect(first).toBe('user default off resetchannels -@all');
    for (const line of users)
      expect(line).not.toMatch(/\+@|allcommands|allkeys|~\*|nopass|\+acl|&/);
  });
});

describe('a SCRAM verifier', () => {
  it('is what PostgreSQL makes of the same password and salt', () => {
    // Password, salt and iterations of the exchange in RFC 7677 section 3.
    const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
    expect(scramVerifier('pencil', salt)).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
  });
});
