import type { VersionName } from './versions';

/** Asks the server to refuse when it could do better (RFC 7507). */
export const FALLBACK_SCSV = 0x5600;

const TLS_1_3_SUITES = [0x1301, 0x1302, 0x1303, 0x1304, 0x1305];

/** Every number a suite before TLS 1.3 was ever given, anonymous, export and NULL ones included. */
const EARLIER_SUITES = [
  ...range(0x0001, 0x00fe),
  ...range(0xc001, 0xc0b5),
  ...range(0xcca8, 0xccae),
];

/** The names of what a server should take; the others are shown by their numbers. */
const NAMES: Readonly<Partial<Record<number, string>>> = {
  0x1301: 'TLS_AES_128_GCM_SHA256',
  0x1302: 'TLS_AES_256_GCM_SHA384',
  0x1303: 'TLS_CHACHA20_POLY1305_SHA256',
  0xc02b: 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  0xc02c: 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  0xc02f: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  0xc030: 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  0xcca8: 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
  0xcca9: 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
};

export function suitesOf(version: VersionName): readonly number[] {
  return version === 'TLS 1.3' ? TLS_1_3_SUITES : EARLIER_SUITES;
}

export function suiteName(suite: number): string {
  return NAMES[suite] ?? `0x${suite.toString(16).padStart(4, '0')}`;
}

/** Whether a key that leaks later opens nothing that was recorded before. */
export function hasForwardSecrecy(suite: number): boolean {
  return TLS_1_3_SUITES.includes(suite) || suiteName(suite).startsWith('TLS_ECDHE_');
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
