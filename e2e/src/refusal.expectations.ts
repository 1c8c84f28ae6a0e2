import { STATUS_CODES } from 'node:http';
import type { RpcStatus } from '@sallyport/contracts';
import { knownFacts } from './cluster-facts';
import { endpointAt } from './dialling';
import type { Evidence, EvidenceKey, Traces } from './evidence';
import type { CallOutcome } from './internal-client';
import type { PublicResponse } from './public-response';

interface ExpectedTraces {
  readonly evidence: Evidence;
  /** The reason id of the one security event; the stable code unless given. */
  readonly reason?: string;
  /** Targets whose handlers are to run, for what only a handler can refuse; none unless given. */
  readonly handled?: readonly string[];
}

interface ExpectedProblem {
  readonly status: number;
  readonly code: string;
  /** Members beyond those of every problem. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/**
 * What every refusal at the gateway comes with: the status, a problem document that says no more than
 * its stable code, one security event with the reason, and no handler that ran in any service.
 */
export async function expectRefused(
  response: PublicResponse,
  expected: ExpectedTraces & ExpectedProblem,
): Promise<void> {
  const { code, reason = code } = expected;
  expectProblem(response, expected);
  if (reason !== code) expect(shown(response)).not.toContain(reason);
  const { correlationId } = response;
  await expectOneRefusal({ correlationId }, { ...expected, reason });
}

/** A problem document of exactly the members it may have, in a response that gives nothing else away. */
export function expectProblem(
  response: PublicResponse,
  { status, code, members = {} }: ExpectedProblem,
): void {
  const { correlationId, headers } = response;
  expect(response.json).toEqual({
    type: `urn:sallyport:problem:${code}`,
    title: STATUS_CODES[status],
    status,
    code,
    correlationId,
    ...members,
  });
  expect(response.status).toBe(status);
  expect(correlationId).toMatch(/^[\w-]{8,64}$/);
  expect(headers).toMatchObject({
    'content-type': expect.stringMatching(/^application\/problem\+json/),
    'cache-control': 'no-store',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
  });
  expect(headers['set-cookie']).toBeUndefined();
  expectNothingLeaked(shown(response));
}

/** The gateway cannot do it now, and says when to ask again. */
export function expectUnavailable(response: PublicResponse, code: string): void {
  expectProblem(response, { status: 503, code });
  expect(response.headers['retry-after']).toMatch(/^\d+$/);
}

/** What every refusal of an internal call comes with: gRPC status and reason, one security event, no handler. */
export async function expectCallRefused(
  outcome: CallOutcome<unknown>,
  expected: Omit<ExpectedTraces, 'reason'> & {
    readonly status: RpcStatus;
    readonly reason: string;
  },
): Promise<void> {
  const { status, reason } = expected;
  expect(outcome).toMatchObject({ connection: 'accepted', status, reason });
  if (outcome.connection === 'accepted') expectNothingLeaked(outcome.received);
  await expectOneRefusal(outcome.key, expected);
}

/** What a refused handshake comes with: no answer, one security event of the transport, no handler. */
export async function expectConnectionRefused(
  outcome: CallOutcome<unknown>,
  expected: { readonly evidence: Evidence; readonly reason: string },
): Promise<void> {
  expect(outcome.connection).toBe('refused');
  const { securityEvents } = await expectOneRefusal(outcome.key, expected);
  expect(securityEvents).toEqual([expect.objectContaining({ type: 'transport' })]);
}

/**
 * A call that reached its handler, and what that decided. Asking for what is not there is a security event, and so is what
 * the handler has `recorded` itself.
 */
export async function expectDecided(
  outcome: CallOutcome<unknown>,
  expected: Required<Omit<ExpectedTraces, 'reason'>> & {
    readonly status: RpcStatus;
    readonly reason: string;
    readonly recorded?: string;
  },
): Promise<void> {
  const { status, reason, evidence, handled } = expected;
  const notFound = status === 'NOT_FOUND' ? reason : undefined;
  const { recorded = notFound } = expected;
  expect(outcome).toMatchObject({ connection: 'accepted', status, reason });
  const traces = await evidence.of(outcome.key, (known) => known.handledCalls.length > 0);
  expect(targetsOf(traces)).toEqual([...handled].sort());
  expect(refusalsOf(traces)).toEqual(recorded === undefined ? [] : [recorded]);
}

/** The same thing done right: these handlers ran, and nobody had anything to object. */
export async function expectPassed(
  answer: PublicResponse | CallOutcome<unknown>,
  { evidence, handled }: { readonly evidence: Evidence; readonly handled: readonly string[] },
): Promise<void> {
  expect([200, 201, 202, 204, 'OK']).toContain(
    'status' in answer ? answer.status : answer.connection,
  );
  const key = 'key' in answer ? answer.key : { correlationId: answer.correlationId };
  const traces = await evidence.of(key, (known) => known.handledCalls.length >= handled.length);
  expect(refusalsOf(traces)).toEqual([]);
  expect(targetsOf(traces)).toEqual([...handled].sort());
}

/** What an answer to a stranger never contains. */
const TELLTALES: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a stack trace', /\bat .+:\d+:\d+/],
  ['a file path', /node_modules|\/(?:dist|src|tmp|home|root|work|usr)\/|\.[jt]s\b/],
  ['an error class', /\b[A-Z]\w*(?:Error|Exception|Rejected|Invalid)\b/],
  [
    'the text of a library',
    /\bjose\b|\bJW[STK]\b|grpc-js|kysely|fastify|nestjs|openssl|ERR_|ECONN/i,
  ],
  ['a token', /\beyJ[\w-]+\.|\bBearer [\w-]{8,}/],
  ['a certificate or key', /-----BEGIN/],
  ['SQL', /\bselect\b.+\bfrom\b|\binsert into\b|\bduplicate key\b|\brelation "/i],
  ['an internal address', /\b127\.0\.0\.1\b|\blocalhost:\d|\b(?:auth|orders|billing)-service\b/],
  ['an internal name', /spiffe:|sallyport\.(?:internal|auth|orders|billing)/],
];

/** Fails when a text for strangers holds what only insiders should see. */
export function expectNothingLeaked(text: string): void {
  const leaked = TELLTALES.filter(([, pattern]) => pattern.test(text)).map(([what]) => what);
  const internalHosts = Object.values(knownFacts().grpcAddresses ?? {}).map(
    (address) => endpointAt(address).host,
  );
  if (internalHosts.some((host) => text.includes(host))) leaked.push('the address of a service');
  expect({ leaked, in: leaked.length > 0 ? text : '' }).toEqual({ leaked: [], in: '' });
}

async function expectOneRefusal(
  key: EvidenceKey,
  { evidence, reason, handled = [] }: ExpectedTraces,
): Promise<Traces> {
  const traces = await evidence.of(key, (known) => refusalsOf(known).length > 0);
  expect(refusalsOf(traces)).toEqual([reason]);
  expect(targetsOf(traces)).toEqual([...handled].sort());
  return traces;
}

function refusalsOf({ securityEvents }: Traces): readonly string[] {
  return securityEvents.filter(({ outcome }) => outcome === 'refused').map(({ reason }) => reason);
}

function targetsOf({ handledCalls }: Traces): readonly string[] {
  return handledCalls.map(({ target }) => target).sort();
}

function shown({ headers, body }: PublicResponse): string {
  // The CORS-free security headers name no one; what varies are these.
  return [headers['www-authenticate'], headers['location'], headers['server'], body].join('\n');
}
