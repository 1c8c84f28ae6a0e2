import { randomUUID, sign } from 'node:crypto';
import { Svid } from '@sallyport/workload-identity';
import type { SvidPem } from '@sallyport/workload-identity';
import { compactJws } from './compact-jws';
import type { JsonObject } from './compact-jws';
import { InternalClient } from './internal-client';
import { workloadId } from './transaction-tokens';

/** In what an assertion differs from the one orders-service would make for itself. */
export interface AssertionDeviation {
  /** Whose key and chain. */
  readonly signer?: SvidPem;
  /** Whose key, under the chain. */
  readonly key?: SvidPem;
  readonly header?: JsonObject;
  readonly claims?: JsonObject;
}

/** The self-signed subject token of orders-service, put together here. */
export function workloadAssertion(deviation: AssertionDeviation = {}): string {
  const { signer = new InternalClient().svidOf('orders-service'), header, claims } = deviation;
  const svid = Svid.parse(signer);
  const { privateKey } = deviation.key === undefined ? svid : Svid.parse(deviation.key);
  const issuedAt = Math.floor(Date.now() / 1000);
  const self = workloadId('orders-service').toString();
  return compactJws(
    {
      alg: 'ES256',
      typ: 'workload-assertion+jwt',
      x5c: svid.chain.map((der) => der.toString('base64')),
      ...header,
    },
    {
      ...{ iss: self, sub: self, aud: workloadId('auth-service').toString() },
      ...{ iat: issuedAt, exp: issuedAt + 60, jti: randomUUID(), ...claims },
    },
    (input) => sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }),
  );
}
