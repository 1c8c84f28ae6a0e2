import { randomBytes, randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { AccountSeed, SeededAccount } from './accounts';
import type { ClientSeed } from './clients';
import { hasCode } from './error-code';
import type { Home } from './home';
import type { PartnerSeed } from './partners';

/** What a home keeps secret: generated on the first start, the same on every later one. */
export interface Secrets {
  /** By database role. */
  readonly databasePasswords: Readonly<Record<string, string>>;
  readonly accounts: readonly SeededAccount[];
}

export interface SecretsRequest {
  readonly databaseRoles: readonly string[];
  readonly accounts: readonly AccountSeed[];
  readonly partners: readonly PartnerSeed[];
  readonly clients: readonly ClientSeed[];
}

const passwords = z.record(z.string(), z.string().min(1));
const storedSecrets = z.strictObject({
  databasePasswords: passwords,
  accountPasswords: passwords,
  // A home may be older than the clients.
  clientSecrets: passwords.default({}),
});
type StoredSecrets = z.output<typeof storedSecrets>;

const PASSWORD_BYTES = 18;
const CLIENT_SECRET_BYTES = 32;
const KEY_ENCRYPTION_KEY_BYTES = 32;

/**
 * Reads a home's secrets, generates those that are missing, and writes the files the services
 * read: the key-encryption key, the accounts, the OAuth clients and the partners to seed. All are readable by their owner
 * alone.
 *
 * @throws Error with one readable line when the secrets file is not what this function wrote
 */
export async function openSecrets(home: Home, request: SecretsRequest): Promise<Secrets> {
  const stored = await readStored(home.secretsFile);
  const emails = request.accounts.map(({ email }) => email);
  const confidential = request.clients.filter(({ kind }) => kind === 'web').map(({ id }) => id);
  const complete: StoredSecrets = {
    databasePasswords: withGenerated(stored.databasePasswords, request.databaseRoles),
    accountPasswords: withGenerated(stored.accountPasswords, emails),
    clientSecrets: withGenerated(stored.clientSecrets, confidential, CLIENT_SECRET_BYTES),
  };
  const accounts = request.accounts.map((account) => ({
    ...account,
    password: complete.accountPasswords[account.email] ?? '',
  }));

  await replaceFile(home.secretsFile, `${JSON.stringify(complete, undefined, 2)}\n`);
  await replaceFile(
    home.seedAccountsFile,
    `${JSON.stringify(accounts.map(seedOf), undefined, 2)}\n`,
  );
  await replaceFile(home.seedPartnersFile, `${JSON.stringify(request.partners, undefined, 2)}\n`);
  const clients = request.clients.map((client) => ({
    ...client,
    secret: complete.clientSecrets[client.id],
  }));
  await replaceFile(home.seedClientsFile, `${JSON.stringify(clients, undefined, 2)}\n`);
  await createFile(
    home.keyEncryptionKeyFile,
    `${randomBytes(KEY_ENCRYPTION_KEY_BYTES).toString('base64')}\n`,
  );
  return { databasePasswords: complete.databasePasswords, accounts };
}

function seedOf({ email, password, scopes }: SeededAccount): object {
  return { email, password, scopes };
}

function withGenerated(
  known: Readonly<Record<string, string>>,
  names: readonly string[],
  bytes: number = PASSWORD_BYTES,
): Record<string, string> {
  // base64url: nothing in it needs quoting in a shell, in JSON or in a URL.
  const generated = Object.fromEntries(
    names.map((name) => [name, randomBytes(bytes).toString('base64url')] as const),
  );
  return { ...generated, ...known };
}

async function readStored(file: string): Promise<StoredSecrets> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    if (hasCode(cause, 'ENOENT')) return undefined;
    throw cause;
  });
  if (text === undefined) return { databasePasswords: {}, accountPasswords: {}, clientSecrets: {} };
  try {
    return storedSecrets.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${file} is damaged; remove it to have new passwords generated`, { cause });
  }
}

/** Whole or not at all, so that a crash never leaves half a file. */
async function replaceFile(file: string, content: string): Promise<void> {
  const draft = `${file}.draft`;
  await writeFile(draft, content, { mode: 0o600 });
  await rename(draft, file);
}

/** Whole or not at all; leaves a file that exists as it is: what the key sealed is lost with the key. */
async function createFile(file: string, content: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, content, { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (cause) {
    if (!hasCode(cause, 'EEXIST')) throw cause;
  } finally {
    await rm(draft, { force: true });
  }
}
