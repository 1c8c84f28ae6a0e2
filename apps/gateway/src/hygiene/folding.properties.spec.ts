import { IDENTITY_HEADERS, TRANSACTION_TOKEN_HEADER } from '@sallyport/principal';
import fc from 'fast-check';
import { startTestGateway, wireOrder, type TestGateway } from '../gateway.fixture';
import { inspectRequest } from './inspect-request';
import { requestHead, type SentHeaders } from './request-head.fixture';

const RESERVED = [...Object.values(IDENTITY_HEADERS), TRANSACTION_TOKEN_HEADER];

/** What HTTP allows in a name (RFC 9110 section 5.6.2). */
const fieldName = fc
  .stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,24}$/)
  .filter((name) => !/^(?:host|connection|content-length|transfer-encoding|expect)$/i.test(name));

/** A reserved name in some spelling a server, proxy or framework folds to it. */
const spelling = fc
  .constantFrom(...RESERVED)
  .chain((name) => fc.tuple(...name.split('-').map((word) => fc.mixedCase(fc.constant(word)))))
  .chain((words) =>
    fc
      .array(fc.constantFrom('-', '_', '.', '~', '!'), {
        minLength: words.length - 1,
        maxLength: words.length - 1,
      })
      .map((separators) => words.map((word, index) => word + (separators[index] ?? '')).join('')),
  )
  .chain((name) =>
    fc.constantFrom('', '-bin', '-Bin', '_bin', '.bin-bin', '.', '_').map((end) => name + end),
  );

const value = fc.stringMatching(/^[\x21-\x7e]{0,40}$/);
const headerList: fc.Arbitrary<SentHeaders> = fc.array(
  fc.tuple(
    fc.oneof({ weight: 4, arbitrary: fieldName }, { weight: 1, arbitrary: spelling }),
    value,
  ),
  { maxLength: 6 },
);

describe('for any list of headers', () => {
  it('a name that folds to a reserved one is refused, wherever it stands in it', () => {
    fc.assert(
      fc.property(headerList, spelling, value, fc.nat(6), (others, name, sent, at) => {
        const headers = [...others.slice(0, at), [name, sent] as const, ...others.slice(at)];
        expect(inspectRequest(requestHead('/', headers))).toBe('identity_header_spoofed');
      }),
      { numRuns: 500 },
    );
  });

  it('a full-width letter does not get a reserved name past', () => {
    // NFKC would fold them; Node's parser refuses such a name before anything here sees it.
    expect(inspectRequest(requestHead('/', [['\uff38-User-Id', 'a']]))).toBeUndefined();
  });
});

describe('what goes upstream', () => {
  let gateway: TestGateway;
  let authorization: string;
  beforeAll(async () => {
    gateway = await startTestGateway();
    authorization = `Bearer ${gateway.mint.accessToken()}`;
  });
  afterAll(() => gateway.close());

  /** What is generated anew for each request, taken out. */
  const metadataOf = (): Record<string, unknown> => {
    const {
      'x-correlation-id': correlationId,
      [TRANSACTION_TOKEN_HEADER]: token,
      ...verified
    } = gateway.upstreamCalls()[0]?.options.metadata ?? {};
    expect([typeof correlationId, typeof token]).toEqual(['string', 'string']);
    return verified;
  };

  const request = async (headers: SentHeaders) => {
    gateway.reset();
    gateway.transports.orders.answer('getOrder', { order: wireOrder() });
    const path = '/orders/0b0e8d0c-6a55-4c3f-8a4f-6a2f4a3f6c1d';
    return gateway.send({ path, headers: [['authorization', authorization], ...headers] });
  };

  it.each(['__proto__', 'constructor', 'hasOwnProperty', 'valueOf'])(
    'comes of a request with a header named %s, which every object has',
    async (name) => {
      expect((await request([[name, 'a']])).status).toBe(200);
    },
  );

  it('is the same whatever headers come with a request, or nothing goes', async () => {
    expect((await request([])).status).toBe(200);
    const clean = metadataOf();
    expect(Object.keys(clean)).toEqual(
      expect.arrayContaining([...Object.values(IDENTITY_HEADERS), 'x-client-address']),
    );
    await fc.assert(
      fc.asyncProperty(headerList, async (headers) => {
        const { status } = await request(headers);
        if (status === 200) expect(metadataOf()).toEqual(clean);
        else expect([status, gateway.upstreamCalls()]).toEqual([expect.any(Number), []]);
        const refusal = inspectRequest(
          requestHead('/orders/1', [['authorization', 'Bearer a'], ...headers]),
        );
        expect(status === 200).toBe(refusal === undefined);
      }),
      { numRuns: 150 },
    );
  });
});
