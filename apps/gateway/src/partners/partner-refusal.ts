import { RpcError } from '@sallyport/contracts';

/** Why auth-service takes a certificate for no partner. */
const REASONS: ReadonlySet<string> = new Set([
  'certificate_invalid',
  'certificate_revoked',
  'partner_ambiguous',
  'partner_disabled',
  'partner_unknown',
]);

/** Whether a failed call says that the certificate speaks for nobody; any other failure is about this gateway. */
export function isPartnerRefusal(error: unknown): error is RpcError {
  return error instanceof RpcError && REASONS.has(error.reason);
}
