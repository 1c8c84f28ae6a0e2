import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  mfaPolicyOf,
  readAuthServiceConfig,
  registrationPolicyOf,
  throttlingPolicyOf,
} from './auth-service.config';
import { readKeyEncryption } from './key-encryption-key.file';
import { readSeedAccounts } from './seed-accounts.file';
import { readSeedPartners } from './seed-partners.file';
import { readSeedClients } from './seed-clients.file';
import { smsOfferOf } from './sms.settings';

const folder = mkdtempSync(join(tmpdir(), 'auth-service-config-'));
const keyFile = join(folder, 'key');
const seedFile = join(folder, 'accounts.json');

const valid = {
  SVID_DIR: folder,
  GRPC_LISTEN: '127.0.0.1:50051',
  HTTPS_LISTEN: '127.0.0.1:8451',
  OPS_LISTEN: '127.0.0.1:9102',
  DATABASE_URL: 'postgres://auth:secret@127.0.0.1:5432/auth',
  REDIS_URL: 'redis://:secret@127.0.0.1:6379',
  ISSUER: 'https://localhost:8443',
  KEY_ENCRYPTION_KEY_FILE: keyFile,
};

beforeAll(() => {
  writeFileSync(keyFile, randomBytes(32).toString('base64'));
  writeFileSync(seedFile, '[]');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('readAuthServiceConfig', () => {
  it.each([
    ['SVID_DIR', undefined],
    ['GRPC_LISTEN', '50051'],
    ['HTTPS_LISTEN', undefined],
    ['OPS_LISTEN', undefined],
    ['DATABASE_URL', 'postgres://auth:secret@db.example/auth'],
    ['REDIS_URL', 'redis://:secret@redis.example:6379'],
    ['ISSUER', 'http://localhost:8443'],
    ['ACCESS_TOKEN_LIFETIME_SECONDS', '299'],
    ['ACCESS_TOKEN_LIFETIME_SECONDS', '901'],
    ['KEY_ENCRYPTION_KEY_FILE', undefined],
    ['KEY_ENCRYPTION_KEY_FILE', join(folder, 'absent')],
    ['SEED_ACCOUNTS_FILE', join(folder, 'absent')],
    ['SEED_PARTNERS_FILE', join(folder, 'absent')],
    ['SEED_CLIENTS_FILE', join(folder, 'absent')],
    ['PRIVATE_CLIENT_ADDRESSES', 'yes'],
    ['DPOP_NONCES', 'never'],
    ['PASSWORD_PEPPER_FILE', join(folder, 'absent')],
    ['BREACHED_PASSWORDS_URL', 'http://ranges.example'],
    ['SMTP_URL', 'https://user:secret@mail.example'],
    ['SMTP_URL', 'smtp://user:secret@mail.example/?secure=false'],
    ['SMTP_CA_FILE', join(folder, 'absent')],
    ['MAIL_FROM', 'Sallyport <no-reply@mail.example>'],
    ['LOGIN_ATTEMPTS_PER_ADDRESS', '0'],
    ['SMS_API_URL', 'http://sms.example/messages'],
    ['SMS_API_CREDENTIALS_FILE', join(folder, 'absent')],
    ['SMS_FROM', 'A name that is too long'],
    ['SMS_FROM', '12345'],
    ['SMS_COUNTRIES', 'DE,Germany'],
    ['SMS_COUNTRIES', 'DE,DE'],
    ['SMS_COUNTRIES', '*'],
    ['SMS_PER_ADDRESS', '0'],
    ['SMS_PER_HOUR', 'many'],
    ['PASSWORD_RESETS_PER_ADDRESS', '0'],
    ['REFRESHES_PER_SESSION', '0'],
    ['REGISTRATIONS_PER_ADDRESS', 'many'],
    ['REGISTRATION', 'later'],
    ['MIGRATIONS', 'later'],
    ['TRUST_DOMAIN', 'Not A Domain'],
    ['LOG_LEVEL', 'loud'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'http://collector:4318'],
  ])('refuses %s=%s, naming it and no secret', (variable, value) => {
    const read = () => readAuthServiceConfig({ ...valid, [variable]: value });
    expect(read).toThrow(
      expect.objectContaining({ code: 'configuration_invalid', variable }) as Error,
    );
    expect(read).not.toThrow(/secret/);
  });

  it.each([
    ['MAIL_OUTBOX_DIR', { MAIL_OUTBOX_DIR: folder, MAIL_FROM: 'a@mail.example' }],
    ['MAIL_FROM', {}],
  ])('refuses SMTP_URL without its sender or beside a folder, naming %s', (variable, settings) => {
    const mail = { SMTP_URL: 'smtps://user:secret@mail.example', MAIL_FROM: undefined };
    const read = () => readAuthServiceConfig({ ...valid, ...mail, ...settings });
    expect(read).toThrow(expect.objectContaining({ variable }) as Error);
    expect(read).not.toThrow(/secret/);
    expect(() =>
      readAuthServiceConfig({ ...valid, ...mail, MAIL_FROM: 'a@mail.example' }),
    ).not.toThrow();
  });

  it.each([
    ['SMS_OUTBOX_DIR', { SMS_OUTBOX_DIR: folder }],
    ['SMS_API_CREDENTIALS_FILE', { SMS_API_CREDENTIALS_FILE: undefined }],
    ['SMS_FROM', { SMS_FROM: undefined }],
    ['SMS_COUNTRIES', { SMS_COUNTRIES: undefined }],
  ])('refuses SMS_API_URL, naming %s', (variable, settings) => {
    const sms = {
      SMS_API_URL: 'https://sms.example/2010-04-01/Accounts/AC0/Messages.json',
      SMS_API_CREDENTIALS_FILE: seedFile,
      SMS_FROM: 'Sallyport',
      SMS_COUNTRIES: 'DE,AT',
    };
    const read = () => readAuthServiceConfig({ ...valid, ...sms, ...settings });
    expect(read).toThrow(expect.objectContaining({ variable }) as Error);
    const { SMS_COUNTRIES } = readAuthServiceConfig({ ...valid, ...sms });
    expect(SMS_COUNTRIES).toEqual(new Set(['DE', 'AT']));
  });

  it.each([
    'SEED_ACCOUNTS_FILE',
    'SEED_CLIENTS_FILE',
    'SEED_PARTNERS_FILE',
    'MAIL_OUTBOX_DIR',
    'SMS_OUTBOX_DIR',
  ])('refuses %s in production', (variable) => {
    const environment = { ...valid, NODE_ENV: 'production', [variable]: seedFile };
    expect(() => readAuthServiceConfig(environment)).toThrow(
      `${variable}: not accepted when NODE_ENV is production`,
    );
    const without = { ...valid, NODE_ENV: 'production', REGISTRATION: 'immediate' };
    expect(() => readAuthServiceConfig(without)).not.toThrow();
  });

  it.each([{ REGISTRATION: 'confirmed' }, { NODE_ENV: 'production' }])(
    'refuses registrations to be confirmed without mail: %j',
    (settings) => {
      expect(() => readAuthServiceConfig({ ...valid, ...settings })).toThrow('REGISTRATION: ');
      const mail = { SMTP_URL: 'smtps://mail.example', MAIL_FROM: 'sallyport@example.com' };
      const config = readAuthServiceConfig({ ...valid, ...settings, ...mail });
      expect(registrationPolicyOf(config)).toBe('confirmed');
    },
  );

  it.each([
    [{}, 'immediate'],
    [{ NODE_ENV: 'development' }, 'immediate'],
    [{ NODE_ENV: 'production', REGISTRATION: 'immediate' }, 'immediate'],
  ])('has %j register as %s', (settings, policy) => {
    expect(registrationPolicyOf(readAuthServiceConfig({ ...valid, ...settings }))).toBe(policy);
  });

  it('fills in what has a default', () => {
    expect(readAuthServiceConfig({ ...valid, SEED_ACCOUNTS_FILE: seedFile })).toEqual({
      ...valid,
      SEED_ACCOUNTS_FILE: seedFile,
      GRPC_LISTEN: { host: '127.0.0.1', port: 50051 },
      HTTPS_LISTEN: { host: '127.0.0.1', port: 8451 },
      OPS_LISTEN: { host: '127.0.0.1', port: 9102 },
      TRUST_DOMAIN: 'sallyport.internal',
      WORKLOAD_NAMESPACE: 'sallyport',
      MIGRATIONS: 'apply',
      LOG_LEVEL: 'info',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: 0.1,
      OTEL_BSP_SCHEDULE_DELAY: 5_000,
      OTEL_BSP_MAX_QUEUE_SIZE: 2_048,
      ACCESS_TOKEN_AUDIENCE: 'https://api.sallyport.internal',
      ACCESS_TOKEN_LIFETIME_SECONDS: 900,
      REFRESH_GRACE_SECONDS: 0,
      SIGNING_KEY_LIFETIME_SECONDS: 30 * 24 * 60 * 60,
      SIGNING_KEY_PUBLISH_AHEAD_SECONDS: 600,
      PRIVATE_CLIENT_ADDRESSES: 0,
      DPOP_NONCES: 'optional',
      LOGIN_ATTEMPTS_PER_ADDRESS: 100,
      PASSWORD_RESETS_PER_ADDRESS: 30,
      REFRESHES_PER_SESSION: 30,
      EXCHANGES_PER_WORKLOAD: 6_000,
      REGISTRATIONS_PER_ADDRESS: 30,
      SECOND_FACTOR_ATTEMPTS_PER_ADDRESS: 100,
      SMS_PER_ADDRESS: 20,
      SMS_PER_HOUR: 500,
      WEBAUTHN_RP_NAME: 'Sallyport',
      LOGIN_ATTEMPTS_PER_ACCOUNT: 100,
      SECOND_FACTOR_ATTEMPTS_PER_ACCOUNT: 50,
      SIGN_IN_LOCK_SECONDS: 3600,
    });
  });
});

describe('throttlingPolicyOf', () => {
  it('takes the limits the operator has set, and keeps the others', () => {
    const config = readAuthServiceConfig({
      ...valid,
      LOGIN_ATTEMPTS_PER_ADDRESS: '7',
      REGISTRATIONS_PER_ADDRESS: '8',
      SECOND_FACTOR_ATTEMPTS_PER_ADDRESS: '9',
      PASSWORD_RESETS_PER_ADDRESS: '10',
      LOGIN_ATTEMPTS_PER_ACCOUNT: '11',
      SECOND_FACTOR_ATTEMPTS_PER_ACCOUNT: '12',
      SIGN_IN_LOCK_SECONDS: '13',
    });
    expect(throttlingPolicyOf(config)).toEqual({
      login: {
        address: { attempts: 7, seconds: 900 },
        accountAtAddress: { attempts: 10, seconds: 900, pauses: { free: 3, longestSeconds: 60 } },
        account: {
          ...{ attempts: 11, seconds: 3600, lockSeconds: 13 },
          pauses: { free: 20, longestSeconds: 8 },
        },
        device: { attempts: 10, seconds: 3600, pauses: { free: 3, longestSeconds: 60 } },
      },
      registration: {
        address: { attempts: 8, seconds: 3600 },
        accountAtAddress: { attempts: 5, seconds: 3600 },
        account: { attempts: 20, seconds: 3600 },
      },
      second_factor: {
        address: { attempts: 9, seconds: 900 },
        accountAtAddress: { attempts: 10, seconds: 900, pauses: { free: 5, longestSeconds: 60 } },
        account: { attempts: 12, seconds: 86_400 },
        device: { attempts: 10, seconds: 86_400, pauses: { free: 5, longestSeconds: 60 } },
      },
      passkey: {
        address: { attempts: 7, seconds: 900 },
        accountAtAddress: { attempts: 10, seconds: 900 },
        device: { attempts: 10, seconds: 900 },
      },
      password_reset: {
        address: { attempts: 10, seconds: 3600 },
        accountAtAddress: { attempts: 5, seconds: 3600 },
        account: { attempts: 20, seconds: 3600 },
      },
    });
  });
});

describe('mfaPolicyOf', () => {
  it.each([
    [undefined, []],
    ['keys:manage', ['keys:manage']],
    ['keys:manage,audit:read', ['keys:manage', 'audit:read']],
  ])('of %s has a factor required for %j', (listed, scopes) => {
    const config = readAuthServiceConfig({ ...valid, MFA_REQUIRED_SCOPES: listed });
    expect(mfaPolicyOf(config)).toEqual({ requiredForScopes: new Set(scopes) });
  });
});

describe('readKeyEncryption', () => {
  it('refuses a file without a key in one line that does not quote it', () => {
    const path = join(folder, 'short');
    writeFileSync(path, 'not-a-key');
    expect(() => readKeyEncryption(path)).toThrow(
      'KEY_ENCRYPTION_KEY_FILE: expected one or more lines of 32 bytes in base64, each once',
    );
  });

  it('reads a key', () => {
    expect(readKeyEncryption(keyFile)).toBeDefined();
  });
});

describe('readSeedAccounts', () => {
  const account = {
    email: 'Alice@example.com',
    password: 'correct horse battery staple',
    scopes: ['orders:read'],
  };

  it.each([
    ['what is no JSON', 'correct horse battery staple'],
    ['what is no array', JSON.stringify(account)],
    ['an account without scopes', JSON.stringify([{ ...account, scopes: undefined }])],
    ['a scope with a space', JSON.stringify([{ ...account, scopes: ['orders:read billing'] }])],
    ['a member nobody knows', JSON.stringify([{ ...account, admin: true }])],
    ['a short password', JSON.stringify([{ ...account, password: 'staple' }])],
    ['a common password', JSON.stringify([{ ...account, password: 'PasswordPassword' }])],
    ['an address that is none', JSON.stringify([{ ...account, email: 'alice' }])],
  ])('refuses %s in one line that quotes no password', (_name, content) => {
    const path = join(folder, 'broken.json');
    writeFileSync(path, content);
    expect(() => readSeedAccounts(path)).toThrow(
      expect.objectContaining({ variable: 'SEED_ACCOUNTS_FILE' }) as Error,
    );
    expect(() => readSeedAccounts(path)).toThrow(
      /^SEED_ACCOUNTS_FILE: expected a JSON array of \{email, password, scopes\}( \(\w+\))?$/,
    );
  });

  it('has no accounts without a file', () => {
    expect(readSeedAccounts(undefined)).toEqual([]);
  });

  it('reads accounts', () => {
    writeFileSync(seedFile, JSON.stringify([account]));
    expect(readSeedAccounts(seedFile)).toEqual([{ ...account, email: 'alice@example.com' }]);
  });
});

describe('readSeedPartners', () => {
  const acme = {
    id: 'acme',
    name: 'Acme Ltd',
    scopes: ['orders:read', 'billing:read'],
    names: ['dns:API.acme.example'],
  };

  it.each([
    ['what is no JSON', 'acme', ''],
    ['what is no array', JSON.stringify(acme), ''],
    ['a partner without names', JSON.stringify([{ ...acme, names: undefined }]), ''],
    ['a member nobody knows', JSON.stringify([{ ...acme, certificates: [] }]), ''],
    ['an id that is none', JSON.stringify([{ ...acme, id: 'Acme' }]), ' (partner_id_invalid)'],
    ['no scope', JSON.stringify([{ ...acme, scopes: [] }]), ' (scopes_invalid)'],
    [
      'a wildcard',
      JSON.stringify([{ ...acme, names: ['dns:*.acme.example'] }]),
      ' (certificate_name_invalid)',
    ],
  ])('refuses %s in one line', (_name, content, reason) => {
    const path = join(folder, 'broken.json');
    writeFileSync(path, content);
    expect(() => readSeedPartners(path)).toThrow(
      `SEED_PARTNERS_FILE: expected a JSON array of {id, name, scopes, names}${reason}`,
    );
  });

  it('reads partners, and none without a file', () => {
    const path = join(folder, 'partners.json');
    writeFileSync(path, JSON.stringify([acme]));
    expect(readSeedPartners(path)).toEqual([{ ...acme, names: ['dns:api.acme.example'] }]);
    expect(readSeedPartners(undefined)).toEqual([]);
  });
});

describe('readSeedClients', () => {
  const secret = randomBytes(32).toString('base64url');
  const client = { id: 'sample', name: 'A sample', kind: 'web', scope: 'openid', secret };

  it.each([
    ['what is no JSON', secret],
    ['what is no array', JSON.stringify(client)],
    ['a client of no known kind', JSON.stringify([{ ...client, kind: 'other' }])],
    ['a short secret', JSON.stringify([{ ...client, secret: 'secret' }])],
    ['a member nobody knows', JSON.stringify([{ ...client, trusted: true }])],
  ])('refuses %s in one line that quotes no secret', (_name, content) => {
    const path = join(folder, 'broken.json');
    writeFileSync(path, content);
    expect(() => readSeedClients(path)).toThrow(
      /^SEED_CLIENTS_FILE: expected a JSON array of \{id, name, [\w, ]+\}$/,
    );
  });

  it('has no clients without a file', () => {
    expect(readSeedClients(undefined)).toEqual([]);
  });

  it('reads clients', () => {
    writeFileSync(seedFile, JSON.stringify([client]));
    const uris = { redirectUris: [], postLogoutRedirectUris: [] };
    expect(readSeedClients(seedFile)).toEqual([{ ...client, ...uris }]);
  });
});

describe('smsOfferOf', () => {
  const clock = () => new Date(0);

  it('offers nothing unless it is switched on', () => {
    expect(smsOfferOf(readAuthServiceConfig(valid), clock)).toBeUndefined();
    const named = { ...valid, SMS_FROM: 'Sallyport', SMS_COUNTRIES: 'DE' };
    expect(smsOfferOf(readAuthServiceConfig(named), clock)).toBeUndefined();
  });

  it('takes every country on one’s own machine unless some are named', () => {
    const local = { ...valid, SMS_OUTBOX_DIR: folder };
    expect(smsOfferOf(readAuthServiceConfig(local), clock)?.countries).toBe('every');
    const named = readAuthServiceConfig({ ...local, SMS_COUNTRIES: 'DE' });
    expect(smsOfferOf(named, clock)?.countries).toEqual(new Set(['DE']));
  });

  it('reads the credentials from a file, and quotes nothing of it', () => {
    const file = join(folder, 'sms-credentials');
    const config = readAuthServiceConfig({
      ...valid,
      ...{ SMS_API_URL: 'https://sms.example', SMS_FROM: 'Sallyport', SMS_COUNTRIES: 'DE' },
      SMS_API_CREDENTIALS_FILE: seedFile,
    });
    const read = () => smsOfferOf({ ...config, SMS_API_CREDENTIALS_FILE: file }, clock);
    for (const wrong of ['secret', 'secret:', 'a:secret\nb', '']) {
      writeFileSync(file, wrong);
      expect(read).toThrow('SMS_API_CREDENTIALS_FILE: expected user:password on one line');
    }
    writeFileSync(file, 'AC0:secret\n');
    expect(read()?.countries).toEqual(new Set(['DE']));
  });
});
