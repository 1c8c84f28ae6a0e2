import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeCa } from '@sallyport/testing';
import type { FakeLeaf } from '@sallyport/testing';
import { sharedCluster } from '../src/cluster-facts';
import { Evidence } from '../src/evidence';
import { answered, getInternal } from '../src/internal-https';
import { internalTargets } from '../src/internal-targets';
import type { Channel, InternalTarget } from '../src/internal-targets';
import { EVIDENCE, needs } from '../src/needs';
import {
  expectCallRefused,
  expectConnectionRefused,
  expectNothingLeaked,
  expectPassed,
} from '../src/refusal.expectations';

needs(...EVIDENCE);

interface Authorities {
  /** The cluster's own, for leaves that it would never hand out. */
  readonly cluster: FakeCa;
  /** One that nobody in the cluster has heard of. */
  readonly foreign: FakeCa;
}

/** Makes the channel of somebody who wants to pass for `caller`. */
type Approach = (caller: string, authorities: Authorities) => Channel | Promise<Channel>;

type Attempt = readonly [name: string, reason: string, approach: Approach];

/** Refused in the handshake: nobody is told anything. */
const HANDSHAKES: readonly Attempt[] = [
  ['no certificate', 'tls_certificate_missing', () => ({})],
  ['a self-signed one', 'tls_certificate_untrusted', broken((leaf) => leaf.selfSigned())],
  [
    'one of another authority',
    'tls_certificate_untrusted',
    async (caller, { foreign }) => ({ svid: await foreign.leaf(caller).issue() }),
  ],
  [
    'a genuine one without its intermediate',
    'tls_certificate_untrusted',
    async (caller, { cluster }) => {
      const { certificateChainPem, privateKeyPem } = await cluster.leaf(caller).issue();
      const end = '-----END CERTIFICATE-----\n';
      const [leaf = ''] = certificateChainPem.split(end);
      return { svid: { certificateChainPem: leaf + end, privateKeyPem } };
    },
  ],
  ["the gateway's public web certificate", 'tls_certificate_untrusted', webCertificate],
  ['an expired one', 'tls_certificate_expired', broken((leaf) => leaf.expired())],
  ['one of tomorrow', 'tls_certificate_not_yet_valid', broken((leaf) => leaf.notYetValid())],
  ['one for servers only', 'tls_certificate_purpose', broken((leaf) => leaf.onlyServerAuth())],
  [
    'TLS 1.2, with a genuine one',
    'tls_version_refused',
    genuine({ tls: { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' } }),
  ],
  ['plaintext', 'tls_not_tls', () => ({ plaintext: true })],
];

/** The chain is in order and the key is held; the leaf itself is what no SVID may be. */
const ODD_LEAVES: readonly Attempt[] = [
  ['two URI SANs', 'svid_uri_san_multiple', broken((leaf) => leaf.twoUriSans())],
  ['no URI SAN', 'svid_uri_san_missing', broken((leaf) => leaf.noUriSan())],
  ['a URI that is no SPIFFE ID', 'svid_spiffe_id_invalid', broken((leaf) => leaf.notASpiffeId())],
  ['a SPIFFE ID without a path', 'svid_path_missing', broken((leaf) => leaf.rootPath())],
  ['another trust domain', 'trust_domain_foreign', broken((leaf) => leaf.otherTrustDomain())],
  ['an authority as leaf', 'svid_is_ca', broken((leaf) => leaf.isCa())],
  ['one for clients only', 'svid_ext_key_usage', broken((leaf) => leaf.onlyClientAuth())],
  ['no key usage', 'svid_key_usage', broken((leaf) => leaf.withoutKeyUsage())],
];

/** What auth-service's two listeners are tried with: the rest is the same code. */
const SOME = new Set(['certificate_missing', 'certificate_expired', 'not_tls', 'version_refused']);
const SOME_HANDSHAKES = HANDSHAKES.filter(([, reason]) => SOME.has(reason.replace('tls_', '')));
const SOME_ODD_LEAVES = ODD_LEAVES.slice(0, 2);

const evidence = new Evidence();
const targets = internalTargets();
let authorities: Authorities;
beforeAll(async () => {
  authorities = {
    cluster: await FakeCa.fromDevCa(sharedCluster().certsFolder),
    foreign: await FakeCa.create(),
  };
});

async function attempt(target: InternalTarget, approach: Approach) {
  return target.call(await approach(target.caller, authorities));
}

describe.each([
  ['orders-service', HANDSHAKES, ODD_LEAVES] as const,
  ['billing-service', HANDSHAKES, ODD_LEAVES] as const,
  ['auth-service', SOME_HANDSHAKES, SOME_ODD_LEAVES] as const,
])('the channel of %s', (service, handshakes, oddLeaves) => {
  const target = targets[service];

  it.each(handshakes)('is closed to %s', async (_, reason, approach) => {
    await expectConnectionRefused(await attempt(target, approach), { evidence, reason });
  });

  it.each(oddLeaves)('is closed to a certificate with %s', async (_, reason, approach) => {
    const status = 'UNAUTHENTICATED';
    await expectCallRefused(await attempt(target, approach), { evidence, status, reason });
  });

  it.each([
    ['another protocol than HTTP/2', ['http/1.1']],
    ['no protocol named', undefined],
  ])('is closed to %s, with a genuine certificate', async (_, ALPNProtocols) => {
    const channel = genuine({ tls: { ALPNProtocols } });
    const reason = 'tls_protocol_refused';
    await expectConnectionRefused(await attempt(target, channel), { evidence, reason });
  });

  it('is open to the one workload it is for', async () => {
    await expectPassed(await attempt(target, genuine({})), { evidence, handled: [target.target] });
  });
});

describe("auth-service's internal HTTPS face", () => {
  const read = async (approach: Approach) =>
    getInternal('/.well-known/jwks.json', await approach('gateway', authorities));

  it.each(SOME_HANDSHAKES)('is closed to %s', async (_, reason, approach) => {
    const outcome = await read(approach);
    if (outcome.connection === 'accepted') throw new Error(outcome.response.body);
    await expectConnectionRefused(outcome, { evidence, reason });
  });

  it.each(SOME_ODD_LEAVES)('is closed to a certificate with %s', async (_, reason, approach) => {
    const response = answered(await read(approach));
    expect(response).toMatchObject({ status: 401, problem: { code: reason } });
    expectNothingLeaked(response.body);
    const { securityEvents, handledCalls } = await evidence.of(response);
    expect(securityEvents).toMatchObject([{ outcome: 'refused', reason }]);
    expect(handledCalls).toEqual([]);
  });

  it('is open to the gateway', async () => {
    const handled = ['GET /.well-known/jwks.json'];
    await expectPassed(answered(await read(genuine({}))), { evidence, handled });
  });
});

/** A certificate of the cluster's authority for the caller, with one property broken. */
function broken(breach: (leaf: FakeLeaf) => FakeLeaf): Approach {
  return async (caller, { cluster }) => ({ svid: await breach(cluster.leaf(caller)).issue() });
}

/** The caller's own certificate. */
function genuine(channel: Channel): Approach {
  return async (caller, { cluster }) => ({
    svid: await cluster.leaf(caller).issue(),
    ...channel,
  });
}

/** Anybody sees it, but its key the gateway alone has: here somebody got hold of both. */
function webCertificate(): Channel {
  const read = (file: string): string =>
    readFileSync(join(sharedCluster().certsFolder, 'public', file), 'utf8');
  return { svid: { certificateChainPem: read('tls.crt'), privateKeyPem: read('tls.key') } };
}
