import { checkCredentialCount } from './credential-count.check';
import { checkHeadSize } from './head-size.check';
import { checkHost } from './host.check';
import type { HygieneCheck, HygieneRefusal, RequestHead } from './hygiene-check';
import { checkRequestTarget } from './request-target.check';
import { checkReservedHeaders } from './reserved-header.check';
import { checkUnexpectedBody } from './unexpected-body.check';
import { checkUrlCredentials } from './url-credential.check';

const CHECKS: readonly HygieneCheck[] = [
  checkHeadSize,
  checkUrlCredentials,
  checkRequestTarget,
  checkReservedHeaders,
  checkCredentialCount,
  checkHost,
  checkUnexpectedBody,
];

/**
 * Looks at the head of a request before anything routes or authenticates it. Gives the first objection, or undefined.
 *
 * It does not check whether a presented credential is valid.
 */
export function inspectRequest(head: RequestHead): HygieneRefusal | undefined {
  for (const check of CHECKS) {
    const refusal = check(head);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
