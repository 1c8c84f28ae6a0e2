import type { TlsFindings } from './check-tls';
import { VERSION_NAMES } from './versions';

/** The findings as the table of docs/tls.md. */
export function report(findings: TlsFindings): string {
  const { suites, resumes, alpn, certificate } = findings;
  const rows: readonly (readonly [string, string])[] = [
    ...VERSION_NAMES.map((version): [string, string] => [
      version,
      suites[version].length === 0 ? 'refused' : suites[version].join('<br>'),
    ]),
    ['forward secrecy', findings.forwardSecrecyOnly ? 'every suite' : 'NOT every suite'],
    ['fallback to an older version (RFC 7507)', findings.refusesFallback ? 'refused' : 'taken'],
    ['compression', findings.compresses ? 'on' : 'off'],
    ['heartbeat', findings.heartbeat ? 'offered' : 'not offered'],
    ['renegotiation asked for by the client', findings.renegotiates ? 'done' : 'refused'],
    ['resumption, TLS 1.2', resumes['TLS 1.2'] ? 'by ticket' : 'none'],
    ['resumption, TLS 1.3', resumes['TLS 1.3'] ? 'by ticket' : 'none'],
    ['ALPN, h2 and http/1.1 offered', alpn['h2 and http/1.1']],
    ['ALPN, h2 alone offered', alpn['h2 alone']],
    ['OCSP stapling', findings.staplesOcsp ? 'yes' : 'none'],
    ['certificate: names', certificate.names],
    ['certificate: key', certificate.key],
    ['certificate: signature', certificate.signature],
    ['certificate: valid for', `${certificate.days} days`],
    ['certificates sent', String(certificate.chainLength)],
    ['Strict-Transport-Security', findings.hsts ?? 'MISSING'],
    ['plain HTTP on this port', findings.answersInClear ? 'ANSWERED' : 'closed'],
  ];
  const [what, found] = [0, 1].map((column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  ) as [number, number];
  const line = ([left, right]: readonly [string, string]) =>
    `| ${left.padEnd(what)} | ${right.padEnd(found)} |`;
  return [
    line(['asked', 'found']),
    `| ${'-'.repeat(what)} | ${'-'.repeat(found)} |`,
    ...rows.map(line),
  ].join('\n');
}
