import fc from 'fast-check';
import type { Revocation } from './revocation';
import { RevocationReplica, type RevocableClaims } from './revocation-replica';

const CLAIMS: RevocableClaims = {
  jti: 'token',
  sid: 'session',
  sub: 'user',
  client_id: 'web',
  iat: 100,
};
const END = 1_000;

function replicaWith(...revocations: readonly Revocation[]): RevocationReplica {
  const replica = new RevocationReplica();
  for (const each of revocations) replica.apply(each);
  return replica;
}

describe('RevocationReplica says that a token is revoked', () => {
  it.each<[string, Revocation, string]>([
    ['by its jti', { kind: 'token', id: 'token', expiresAt: END }, 'token'],
    ['by its session', { kind: 'session', id: 'session', expiresAt: END }, 'session'],
    [
      'by its subject, when it was issued before the epoch',
      { kind: 'subject', id: 'user', expiresAt: END, issuedBefore: 101 },
      'subject',
    ],
    [
      'by its client, when it was issued before the epoch',
      { kind: 'client', id: 'web', expiresAt: END, issuedBefore: 101 },
      'client',
    ],
  ])('%s', (_, revocation, kind) => {
    expect(replicaWith(revocation).revocationOf(CLAIMS)).toBe(kind);
  });

  it('by the later of two epochs, in whatever order they come', () => {
    const epochs = [150, 101, 90].map(
      (issuedBefore) => ({ kind: 'subject', id: 'user', expiresAt: END, issuedBefore }) as const,
    );
    expect(replicaWith(...epochs).revocationOf({ ...CLAIMS, iat: 149 })).toBe('subject');
    expect(replicaWith(...epochs).revocationOf({ ...CLAIMS, iat: 150 })).toBeUndefined();
  });
});

describe('RevocationReplica leaves alone', () => {
  it.each<[string, Revocation[]]>([
    ['what nothing revokes', []],
    [
      'the tokens of others',
      [
        { kind: 'token', id: 'another', expiresAt: END },
        { kind: 'session', id: 'another', expiresAt: END },
        { kind: 'subject', id: 'another', expiresAt: END, issuedBefore: 500 },
        { kind: 'client', id: 'another', expiresAt: END, issuedBefore: 500 },
      ],
    ],
    [
      'an id that another kind has',
      [
        { kind: 'token', id: 'session', expiresAt: END },
        { kind: 'session', id: 'token', expiresAt: END },
        { kind: 'api_key', id: 'session', expiresAt: END },
        { kind: 'signing_key', id: 'token', expiresAt: END },
        { kind: 'subject', id: 'web', expiresAt: END, issuedBefore: 500 },
        { kind: 'client', id: 'user', expiresAt: END, issuedBefore: 500 },
      ],
    ],
    [
      'what was issued at the epoch or later',
      [{ kind: 'subject', id: 'user', expiresAt: END, issuedBefore: 100 }],
    ],
  ])('%s', (_, revocations) => {
    expect(replicaWith(...revocations).revocationOf(CLAIMS)).toBeUndefined();
  });
});

describe('RevocationReplica', () => {
  it('tells revoked keys, and changes its version with each new one only', () => {
    const replica = replicaWith({ kind: 'api_key', id: 'k', expiresAt: END });
    expect(replica.isRevoked('api_key', 'k')).toBe(true);
    expect(replica.isRevoked('signing_key', 'k')).toBe(false);
    expect(replica.signingKeyVersion).toBe(0);
    replica.apply({ kind: 'signing_key', id: 'k', expiresAt: END });
    replica.apply({ kind: 'signing_key', id: 'k', expiresAt: END });
    expect(replica.isRevoked('signing_key', 'k')).toBe(true);
    expect(replica.signingKeyVersion).toBe(1);
  });

  it('forgets what has ended, and nothing before its end', () => {
    const replica = new RevocationReplica();
    fc.assert(
      fc.property(
        fc.array(fc.record({ id: fc.nat(30), expiresAt: fc.integer({ min: 1, max: 900 }) })),
        fc.integer({ min: 1, max: 1_000 }),
        (ends, now) => {
          const fresh = new RevocationReplica();
          const last = new Map<number, number>();
          for (const { id, expiresAt } of ends) {
            fresh.apply({ kind: 'session', id: String(id), expiresAt });
            last.set(id, Math.max(last.get(id) ?? 0, expiresAt));
          }
          fresh.sweep(now);
          for (const [id, end] of last) {
            const known = fresh.revocationOf({ ...CLAIMS, sid: String(id) }) === 'session';
            if (end > now) expect(known).toBe(true);
            // Ends are kept in slots of about a minute.
            if (end <= now - 64) expect(known).toBe(false);
          }
        },
      ),
    );
    expect(replica.sizes.session).toBe(0);
  });

  it('forgets an epoch with its subject', () => {
    const replica = replicaWith({ kind: 'subject', id: 'user', expiresAt: 10, issuedBefore: 101 });
    replica.sweep(1_000);
    expect(replica.sizes.subject).toBe(0);
    expect(replica.revocationOf(CLAIMS)).toBeUndefined();
  });

  it('forgets a bounded number at a time, and all in the end', () => {
    const replica = new RevocationReplica();
    for (let id = 0; id < 12_000; id += 1) {
      replica.apply({ kind: 'token', id: String(id), expiresAt: 10 });
    }
    const left = [1, 2, 3].map(() => {
      replica.sweep(1_000);
      return replica.sizes.token;
    });
    expect(left).toEqual([7_000, 2_000, 0]);
  });
});
