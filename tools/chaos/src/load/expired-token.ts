import { createDecipheriv, createPrivateKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { claimsOf } from './session';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Signs what the issuer would have signed earlier, by its own key, so that nothing but the time is wrong with it. */
export class ExpiredTokens {
  private constructor(
    private readonly header: string,
    private readonly privateKey: KeyObject,
  ) {}

  /** Takes the key that signed a token out of auth-service's database, which takes the key-encryption key as well. */
  static async open(
    issuedToken: string,
    { databaseUrl, keyFile }: { readonly databaseUrl: string; readonly keyFile: string },
  ): Promise<ExpiredTokens> {
    const [header = ''] = issuedToken.split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as {
      kid: string;
    };
    const sealed = await sealedKey(databaseUrl, kid);
    const key = Buffer.from(readFileSync(keyFile, 'utf8'), 'base64');
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
    decipher.setAAD(Buffer.from(`signing-key:${kid}`));
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    const der = Buffer.concat([
      decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)),
      decipher.final(),
    ]);
    return new ExpiredTokens(header, createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  }

  /** The same token, had it ended so many seconds ago. */
  make(issuedToken: string, endedAgoSeconds: number): string {
    const exp = Math.floor(Date.now() / 1000 - endedAgoSeconds);
    const claims = { ...claimsOf(issuedToken), iat: exp - 900, auth_time: exp - 900, exp };
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
    const signed = `${this.header}.${payload}`;
    const signature = sign('sha256', Buffer.from(signed), this.privateKey);
    return `${signed}.${signature.toString('base64url')}`;
  }
}

async function sealedKey(databaseUrl: string, kid: string): Promise<Buffer> {
  const database = new Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    const { rows } = await database.query<{ sealed: Buffer }>(
      'SELECT sealed_private_key AS sealed FROM signing_keys WHERE kid = $1',
      [kid],
    );
    const [row] = rows;
    if (row === undefined) throw new Error('the signing key of a token is not in the database');
    return row.sealed;
  } finally {
    await database.end();
  }
}
