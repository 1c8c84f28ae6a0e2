import { constants, randomBytes } from 'node:crypto';
import type { Server } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { PublicCertificate } from './public-certificate';

/**
 * TLS 1.2 with forward secrecy and authenticated encryption only, or TLS 1.3 (RFC 9325 sections 3.1.1 and 4.2); no
 * renegotiation, which Node lets clients ask for.
 */
const TLS = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  honorCipherOrder: true,
  ecdhCurve: 'X25519:P-256:P-384',
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
} as const satisfies SecureContextOptions;

const TICKET_KEYS_BYTES = 48;

const TICKET_KEYS_FOR_MS = 3_600_000;

/** The TLS settings that go with a certificate, also for `setSecureContext`, which forgets what it is not given. */
export function publicTlsOptions({ cert, key }: PublicCertificate): SecureContextOptions {
  return { ...TLS, cert, key };
}

/**
 * Replaces the keys of session tickets every hour. In TLS 1.2 whoever learns them reads every session that was resumed
 * with them (RFC 9325 section 3.4), and Node keeps one set for as long as the process lives.
 */
export function renewTicketKeys(server: Server): void {
  const timer = setInterval(() => {
    server.setTicketKeys(randomBytes(TICKET_KEYS_BYTES));
  }, TICKET_KEYS_FOR_MS).unref();
  server.once('close', () => {
    clearInterval(timer);
  });
}
