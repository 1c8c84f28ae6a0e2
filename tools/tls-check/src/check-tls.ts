import { inspectCertificate, type CertificateFindings } from './certificate';
import { FALLBACK_SCSV, hasForwardSecrecy, suiteName, suitesOf } from './cipher-suites';
import {
  answeredHeader,
  answerInClear,
  isResumable,
  negotiatedProtocol,
  renegotiates,
  staplesOcsp,
} from './handshakes';
import { acceptedSuites, probe, type Target } from './probe';
import type { VersionName } from './versions';

const HEARTBEAT = 15;
const INAPPROPRIATE_FALLBACK = 86;
const DEFLATE = 1;

/** What a listener offers and refuses. */
export interface TlsFindings {
  /** Accepted suites by version, in the server's order; a version without any is refused. */
  readonly suites: Readonly<Record<VersionName, readonly string[]>>;
  readonly forwardSecrecyOnly: boolean;
  readonly refusesFallback: boolean;
  readonly compresses: boolean;
  readonly heartbeat: boolean;
  readonly renegotiates: boolean;
  readonly resumes: Readonly<Record<'TLS 1.2' | 'TLS 1.3', boolean>>;
  /** By what the client offers. */
  readonly alpn: Readonly<Record<'h2 and http/1.1' | 'h2 alone', string>>;
  readonly staplesOcsp: boolean;
  readonly certificate: CertificateFindings;
  readonly hsts: string | undefined;
  readonly answersInClear: boolean;
}

/** Asks a listener for everything, one connection after the other. Changes nothing there. */
export async function checkTls(target: Target): Promise<TlsFindings> {
  const numbers: Record<VersionName, readonly number[]> = {
    'SSL 3.0': await acceptedSuites(target, 'SSL 3.0'),
    'TLS 1.0': await acceptedSuites(target, 'TLS 1.0'),
    'TLS 1.1': await acceptedSuites(target, 'TLS 1.1'),
    'TLS 1.2': await acceptedSuites(target, 'TLS 1.2'),
    'TLS 1.3': await acceptedSuites(target, 'TLS 1.3'),
  };
  const named = (version: VersionName): readonly string[] => numbers[version].map(suiteName);
  const tls12 = { version: 'TLS 1.2', suites: suitesOf('TLS 1.2') } as const;
  const fallback = await probe(target, { ...tls12, suites: [...tls12.suites, FALLBACK_SCSV] });
  const compressed = await probe(target, { ...tls12, compression: [DEFLATE, 0] });
  return {
    suites: {
      'SSL 3.0': named('SSL 3.0'),
      'TLS 1.0': named('TLS 1.0'),
      'TLS 1.1': named('TLS 1.1'),
      'TLS 1.2': named('TLS 1.2'),
      'TLS 1.3': named('TLS 1.3'),
    },
    forwardSecrecyOnly: Object.values(numbers).flat().every(hasForwardSecrecy),
    refusesFallback: fallback.outcome === 'refused' && fallback.alert === INAPPROPRIATE_FALLBACK,
    compresses: compressed.outcome === 'accepted' && compressed.compression !== 0,
    heartbeat: compressed.outcome === 'accepted' && compressed.extensions.includes(HEARTBEAT),
    renegotiates: await renegotiates(target),
    resumes: {
      'TLS 1.2': await isResumable(target, 'TLSv1.2'),
      'TLS 1.3': await isResumable(target, 'TLSv1.3'),
    },
    alpn: {
      'h2 and http/1.1': await negotiatedProtocol(target, ['h2', 'http/1.1']),
      'h2 alone': await negotiatedProtocol(target, ['h2']),
    },
    staplesOcsp: await staplesOcsp(target),
    certificate: await inspectCertificate(target),
    hsts: await answeredHeader(target, 'strict-transport-security'),
    answersInClear: (await answerInClear(target)).includes('HTTP/'),
  };
}
