import { createSecureContext } from 'node:tls';
import { ChannelCredentials, Client } from '@grpc/grpc-js';
import {
  authorizeId,
  mutualTlsClientOptions,
  type WorkloadContext,
} from '@sallyport/workload-identity';
import { recordServerRefusal, type DialledServer } from '../handshakes/server-refusal';
import { BoundedHandshakeCredentials } from './bounded-handshake.credentials';

export interface ChannelTarget extends DialledServer {
  readonly maxMessageBytes: number;
}

const HANDSHAKE_TIMEOUT_MS = 5_000;

const ROUND_ROBIN = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] });

/**
 * A connection that a firewall has forgotten, or whose other machine is gone, is never closed: without pings every call on it would
 * run into its deadline until the operating system gives up, minutes later. Found out in six seconds, it leaves
 * four of the ten within which everything has to work again.
 */
const KEEPALIVE = { 'grpc.keepalive_time_ms': 3_000, 'grpc.keepalive_timeout_ms': 3_000 } as const;

/**
 * A grpc-js client whose connections are mutual TLS 1.3 with this identity, to this peer. It connects
 * at the first call. Its connections end when the server's maximum age says so.
 */
export function verifiedChannel(context: WorkloadContext, target: ChannelTarget): Client {
  const { address, peer, maxMessageBytes } = target;
  const { checkServerIdentity, ...contextOptions } = mutualTlsClientOptions(
    context,
    authorizeId(peer),
  );
  const credentials = ChannelCredentials.createFromSecureContext(
    createSecureContext(contextOptions),
    { rejectUnauthorized: true, checkServerIdentity },
  );
  const bounded = new BoundedHandshakeCredentials(credentials, HANDSHAKE_TIMEOUT_MS, (failure) =>
    recordServerRefusal(failure, target),
  );
  return new Client(address, bounded, {
    // Neither a proxy from the environment nor a service configuration from DNS has a say.
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
    // Every address the name has gets its share: behind a headless name those are all the replicas.
    'grpc.service_config': ROUND_ROBIN,
    // Asked again when a connection ends; replicas may all be others by then.
    'grpc.dns_min_time_between_resolutions_ms': 5_000,
    // Two transports share no connection, even to one address.
    'grpc.use_local_subchannel_pool': 1,
    // The name in SNI and :authority; the certificate is checked by SPIFFE ID, and an IP address is no SNI.
    'grpc.ssl_target_name_override': serverNameOf(peer),
    'grpc.default_authority': serverNameOf(peer),
    'grpc.initial_reconnect_backoff_ms': 100,
    // While nobody is connected calls fail at once: a server that is back is found soon.
    'grpc.max_reconnect_backoff_ms': 500,
    ...KEEPALIVE,
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxMessageBytes,
  });
}

function serverNameOf(peer: DialledServer['peer']): string {
  return peer.path.slice(peer.path.lastIndexOf('/') + 1);
}
