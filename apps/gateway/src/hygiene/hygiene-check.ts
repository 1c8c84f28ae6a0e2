import type { IncomingMessage } from 'node:http';
import type { ProblemCode } from '../problems/problem-catalogue';

/** Why a request is refused before it is routed, and the HTTP status each reason gets. */
export const HYGIENE_STATUS = {
  http_version_unsupported: 505,
  path_not_normalised: 400,
  uri_too_long: 414,
  too_many_headers: 431,
  credential_in_url: 400,
  multiple_credentials: 400,
  credential_misplaced: 400,
  identity_header_spoofed: 400,
  header_alias: 400,
  header_repeated: 400,
  hop_by_hop_refused: 400,
  upgrade_refused: 400,
  framing_ambiguous: 400,
  host_not_single: 400,
  host_malformed: 400,
  body_not_expected: 400,
} as const satisfies Partial<Record<ProblemCode, 400 | 414 | 431 | 505>>;

export type HygieneRefusal = keyof typeof HYGIENE_STATUS;

/** What of a request the checks look at: everything that is known once its head has arrived. */
export type RequestHead = Pick<
  IncomingMessage,
  'method' | 'url' | 'httpVersion' | 'rawHeaders' | 'headers'
>;

/** One check on the head of a request. Undefined means that this check has no objection. */
export type HygieneCheck = (head: RequestHead) => HygieneRefusal | undefined;
