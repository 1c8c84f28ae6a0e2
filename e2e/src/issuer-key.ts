import { createDecipheriv, createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { askAuthDatabase } from './auth-database';
import { sharedCluster } from './cluster-facts';
import type { ClusterFacts } from './cluster-facts';

/** The key that signs the cluster's access tokens at the moment. */
export interface IssuerKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

interface SigningKeyRow {
  readonly kid: string;
  readonly sealed_private_key: Buffer;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Takes the issuer's private key out of its database, which needs the key-encryption key as well. With
 * it a test signs tokens that are wrong in one claim alone; no attacker is that well equipped.
 */
export async function issuerKey(
  {
    authDatabaseUrl,
    keyEncryptionKeyFile,
  }: Pick<ClusterFacts, 'authDatabaseUrl' | 'keyEncryptionKeyFile'> = sharedCluster(),
): Promise<IssuerKey> {
  const { kid, sealed_private_key: sealed } = await activeRow({ authDatabaseUrl });
  const key = Buffer.from(readFileSync(keyEncryptionKeyFile, 'utf8'), 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
  decipher.setAAD(Buffer.from(`signing-key:${kid}`));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const der = Buffer.concat([
    decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)),
    decipher.final(),
  ]);
  return { kid, privateKey: createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }) };
}

async function activeRow(facts: Pick<ClusterFacts, 'authDatabaseUrl'>): Promise<SigningKeyRow> {
  const [row] = await askAuthDatabase<SigningKeyRow>(
    facts,
    "SELECT kid, sealed_private_key FROM signing_keys WHERE state = 'active'",
  );
  if (row === undefined) throw new Error('there is no active signing key');
  return row;
}
