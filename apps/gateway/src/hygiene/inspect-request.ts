import { checkCredentialCount } from './credential-count.check';
import { checkCredentialPlacement } from './credential-placement.check';
import { checkFraming } from './framing.check';
import { checkHeadSize } from './head-size.check';
import { checkHeaderNames } from './header-name.check';
import { checkHopByHop } from './hop-by-hop.check';
import { checkHost } from './host.check';
import { checkHttpVersion } from './http-version.check';
import type { HygieneCheck, HygieneRefusal, RequestHead } from './hygiene-check';
import { checkRequestTarget } from './request-target.check';
import { checkReservedHeaders } from './reserved-header.check';
import { checkUnexpectedBody } from './unexpected-body.check';
import { checkUrlCredentials } from './url-credential.check';

const CHECKS: readonly HygieneCheck[] = [
  checkHttpVersion,
  checkHeadSize,
  checkUrlCredentials,
  checkRequestTarget,
  checkReservedHeaders,
  checkCredentialCount,
  checkCredentialPlacement,
  checkHost,
  checkHopByHop,
  checkHeaderNames,
  checkFraming,
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
