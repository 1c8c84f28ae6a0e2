import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HTTP_STATUS_OF } from '@sallyport/nest-zero-trust';
import { HYGIENE_STATUS } from '../hygiene/hygiene-check';
import { startTestGateway, statusAndCode, type TestGateway } from '../gateway.fixture';
import { RpcError, type RpcStatus } from '@sallyport/contracts';
import { PROBLEM_CODES, PROBLEM_GROUPS, PROBLEMS } from './problem-catalogue';

const APPS = join(__dirname, '../../..');

/** What a service says of its caller, not of the client: the gateway answers it in words of its own. */
const NOT_PASSED_ON: ReadonlySet<RpcStatus> = new Set([
  'UNAVAILABLE',
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
]);

/** Not passed on by the gateway: between orders-service and billing-service, where nothing else is said. */
const INTERNAL: ReadonlySet<string> = new Set([
  'charge_terms_differ',
  'charge_voided',
  // In words, on the page where the link leads.
  'not_me_refused',
  'order_id_invalid',
  // The gateway's schema lets nothing else through.
  'risk_not_accepted',
  'total_invalid',
]);

/** Of commands, which answer an operator at a terminal; the gateway translates `certificate_invalid`. */
const OF_COMMANDS: ReadonlySet<string> = new Set([
  'backup_time_invalid',
  'certificate_invalid',
  'certificate_file_invalid',
  'certificate_file_unreadable',
  'certificate_name_invalid',
  'certificate_name_not_found',
  'certificate_name_taken',
  'certificate_not_found',
  'certificate_revoked',
  'certificate_taken',
  'limit_invalid',
  'partner_exists',
  'partner_has_two_certificates',
  'partner_id_invalid',
  'partner_known_by_certificates',
  'partner_known_by_names',
  'partner_name_invalid',
  'partner_not_found',
  'scopes_invalid',
]);

/** Status and reason of every `ServiceError` that a service's sources name. */
function reasonsOf(service: string): readonly (readonly [RpcStatus, string])[] {
  const folder = join(APPS, service, 'src');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.(?:spec|fixture)\.ts$/.test(file))
    .flatMap((file) => [
      ...readFileSync(join(folder, file), 'utf8').matchAll(
        /new ServiceError\(\s*'([A-Z_]+)',\s*'([a-z_]+)'/g,
      ),
    ])
    .map(([, status, reason]) => [status as RpcStatus, reason ?? ''] as const);
}

describe('the catalogue of problems', () => {
  it.each(['auth-service', 'orders-service', 'billing-service'])(
    'has every reason %s gives, with its status',
    (service) => {
      const reasons = reasonsOf(service);
      expect(reasons).not.toEqual([]);
      const missing = reasons.filter(([status, reason]) => {
        if (NOT_PASSED_ON.has(status) || INTERNAL.has(reason) || OF_COMMANDS.has(reason)) {
          return false;
        }
        const listed = new Map<string, { readonly statuses: readonly number[] }>(
          Object.entries(PROBLEMS),
        ).get(reason);
        return listed?.statuses.includes(HTTP_STATUS_OF[status]) !== true;
      });
      expect(missing).toEqual([]);
    },
  );

  it('has the statuses that hygiene answers with', () => {
    for (const [code, status] of Object.entries(HYGIENE_STATUS)) {
      expect(PROBLEMS[code as keyof typeof HYGIENE_STATUS].statuses).toContain(status);
    }
  });

  it('has each code once, in the form of a code', () => {
    const codes = Object.values(PROBLEM_GROUPS).flatMap((group) => Object.keys(group));
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(code).toMatch(/^[a-z]+(?:_[a-z]+)*$/);
    expect(PROBLEM_CODES.size).toBe(codes.length);
  });
});

describe('a reason that is not listed', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startTestGateway();
  });
  afterAll(() => gateway.close());

  const read = (reason: string, status: RpcStatus) => {
    gateway.reset();
    gateway.transports.orders.fail('getOrder', new RpcError(status, reason));
    return gateway.send({
      path: '/orders/1',
      headers: [['authorization', `Bearer ${gateway.mint.accessToken()}`]],
    });
  };
  const logged = () => gateway.log.filter((line) => line.includes('problem_code_unlisted'));

  it.each([
    ['NOT_FOUND', 404, 'not_found'],
    ['FAILED_PRECONDITION', 409, 'request_refused'],
    ['INTERNAL', 500, 'internal_error'],
  ] as const)('is not told: %s becomes %s %s', async (rpcStatus, status, code) => {
    expect(statusAndCode(await read('made_up_today', rpcStatus))).toEqual([status, code]);
    expect(logged()).toHaveLength(1);
    expect(logged()[0]).toContain('made_up_today');
  });

  it('and one that is listed is', async () => {
    const answer = await read('order_not_found', 'NOT_FOUND');
    expect(statusAndCode(answer)).toEqual([404, 'order_not_found']);
    expect(logged()).toEqual([]);
  });
});
