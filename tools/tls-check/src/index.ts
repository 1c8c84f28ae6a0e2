export { checkTls, type TlsFindings } from './check-tls';
export type { Target } from './probe';
export { report } from './report';
