import { credentials } from '@grpc/grpc-js';
import type { FakeLeaf } from '@sallyport/testing';
import type { Stage } from '../stage';
import type { Chapter, Step } from '../step';
import { tlsCredentials } from './grpc-call';
import { RPCS, refusedCall } from './refused-call';

/** R1, R2: who has no certificate of the trust domain, or an odd one, is nobody. */
export const CERTIFICATE_ATTACKS: Chapter = {
  title: 'Callers without a proper certificate',
  steps: [
    handshake('no certificate', 'tls_certificate_missing', () => undefined),
    handshake('a self-signed certificate', 'tls_certificate_untrusted', ({ clusterCa }) =>
      clusterCa.leaf('orders-service').selfSigned(),
    ),
    handshake('a certificate of another authority', 'tls_certificate_untrusted', ({ foreignCa }) =>
      foreignCa.leaf('orders-service'),
    ),
    handshake('an expired certificate', 'tls_certificate_expired', ({ clusterCa }) =>
      clusterCa.leaf('orders-service').expired(),
    ),
    oddLeaf('two SPIFFE IDs in one certificate', 'svid_uri_san_multiple', (leaf) =>
      leaf.twoUriSans(),
    ),
    oddLeaf('an authority as leaf', 'svid_is_ca', (leaf) => leaf.isCa()),
    oddLeaf('another trust domain', 'trust_domain_foreign', (leaf) => leaf.otherTrustDomain()),
    refusedCall({
      title: 'plaintext',
      rpc: RPCS.chargeOrder,
      credentials: () => credentials.createInsecure(),
      status: 'UNAVAILABLE',
      reason: 'tls_not_tls',
      inHandshake: true,
    }),
  ],
};

function handshake(
  title: string,
  reason: string,
  leafOf: (stage: Stage) => FakeLeaf | undefined,
): Step {
  return refusedCall({
    title,
    rpc: RPCS.chargeOrder,
    credentials: (stage) => credentialsOf(stage, leafOf(stage)),
    status: 'UNAVAILABLE',
    reason,
    inHandshake: true,
  });
}

/** The chain is in order, so the handshake succeeds; the service then looks at the leaf itself. */
function oddLeaf(title: string, reason: string, odd: (leaf: FakeLeaf) => FakeLeaf): Step {
  return refusedCall({
    title,
    rpc: RPCS.chargeOrder,
    credentials: (stage) => credentialsOf(stage, odd(stage.clusterCa.leaf('orders-service'))),
    status: 'UNAUTHENTICATED',
    reason,
  });
}

async function credentialsOf({ clusterCa }: Stage, leaf: FakeLeaf | undefined) {
  return tlsCredentials(clusterCa.bundlePem, await leaf?.issue());
}
