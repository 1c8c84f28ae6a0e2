import { randomUUID } from 'node:crypto';
import { signUp } from '../src/customers';
import type { Customer } from '../src/customers';
import { Evidence } from '../src/evidence';
import { EVIDENCE, needs } from '../src/needs';
import { PublicClient } from '../src/public-client';
import { parseResponse } from '../src/public-response';
import { expectPassed, expectRefused } from '../src/refusal.expectations';

needs(...EVIDENCE);

const CREATE_ORDER = [
  'POST /orders',
  'sallyport.billing.v1.BillingService/ChargeOrder',
  'sallyport.orders.v1.OrdersService/CreateOrder',
];
const LIST_PRODUCTS = ['GET /products', 'sallyport.orders.v1.OrdersService/ListProducts'];

/** A body of no order, so that whatever is made of it creates nothing. */
const BODY = '{"items":[]}';
const CHUNKED = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;

describe('request smuggling', () => {
  const client = new PublicClient();
  const evidence = new Evidence();
  let customer: Customer;

  beforeAll(async () => {
    customer = await signUp(client);
  });

  /** An authenticated order with these framing headers and this body, and a request hidden behind it. */
  const order = (framing: string, body: string): string =>
    [
      'POST /orders HTTP/1.1',
      `Host: ${client.host}`,
      `Authorization: Bearer ${customer.accessToken}`,
      `Idempotency-Key: ${randomUUID()}`,
      'Content-Type: application/json',
      framing,
      '',
      body,
    ].join('\r\n');

  const items = '{"items":[{"sku":"keep-key","quantity":1}]}';

  /** What is smuggled: an order that would be placed. */
  const hidden = (): string => order(`Connection: close\r\nContent-Length: ${items.length}`, items);

  const ordersPlaced = async (): Promise<number> => {
    const { accessToken } = customer;
    const answer = await client.send({ path: '/orders', accessToken });
    return (JSON.parse(answer.body) as { items: readonly unknown[] }).items.length;
  };

  /** One answer, one event, nothing handled, the connection closed, and no effect of what follows. */
  const expectOneRefusal = async (bytes: string, status: number, code: string): Promise<void> => {
    const received = await client.exchangeBytes(bytes + hidden());
    expect(received.match(/HTTP\/1\.1 \d{3} /g)).toHaveLength(1);
    expect(received).toMatch(/\r\nconnection: close\r\n/i);
    await expectRefused(parseResponse(received), { evidence, status, code });
    expect(await ordersPlaced()).toBe(0);
  };

  it.each<readonly [what: string, framing: string, body: string]>([
    ['a length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n'],
    ['chunks and a length', 'Transfer-Encoding: chunked\r\nContent-Length: 5', '0\r\n\r\n'],
    ['chunked, then identity', 'Transfer-Encoding: chunked, identity', CHUNKED],
    ['chunked twice', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked', CHUNKED],
    ['chunked twice in a list', 'Transfer-Encoding: chunked, chunked', CHUNKED],
    ['two codings', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', CHUNKED],
    ['a space before the colon', 'Transfer-Encoding : chunked', CHUNKED],
    ['a vertical tab', 'Transfer-Encoding: \u000bchunked', CHUNKED],
    ['space at the end', 'Transfer-Encoding: chunked \t', CHUNKED],
    ['a folded coding', 'Transfer-Encoding:\r\n chunked', CHUNKED],
    ['a coding on a line of its own', 'X: a\r\n\tTransfer-Encoding: chunked', CHUNKED],
    ['the same length twice', 'Content-Length: 12\r\nContent-Length: 12', BODY],
    ['two lengths', 'Content-Length: 12\r\nContent-Length: 13', BODY],
    ['a list of lengths', 'Content-Length: 12, 12', BODY],
    ['a length with a sign', 'Content-Length: +12', BODY],
    ['a negative length', 'Content-Length: -12', BODY],
    ['a hexadecimal length', 'Content-Length: 0xc', BODY],
    ['a length with an exponent', 'Content-Length: 12e0', BODY],
    ['a length with a blank', 'Content-Length: 1 2', BODY],
    ['an empty length', 'Content-Length:', BODY],
    ['a length beyond all numbers', 'Content-Length: 99999999999999999999', BODY],
    ['a folded length', 'Content-Length: 1\r\n 2', BODY],
    ['a line ended by LF', 'Content-Length: 12\nX: a', BODY],
    ['a line ended by CR', 'Content-Length: 12\rX: a', BODY],
    ['a NUL in a value', 'Content-Length: 12\r\nX: a\u0000b', BODY],
    ['a NUL in a name', 'Content-Length: 12\r\nX\u0000: a', BODY],
    ['a header without a name', 'Content-Length: 12\r\n: a', BODY],
    ['a header without a colon', 'Content-Length: 12\r\nabc', BODY],
    ['a chunk beyond all sizes', 'Transfer-Encoding: chunked', 'fffffffffffffffff\r\na'],
    ['a chunk with a sign', 'Transfer-Encoding: chunked', `+c\r\n${BODY}\r\n0\r\n\r\n`],
    ['a chunk of 0x', 'Transfer-Encoding: chunked', `0xc\r\n${BODY}\r\n0\r\n\r\n`],
    ['a negative chunk', 'Transfer-Encoding: chunked', `-c\r\n${BODY}\r\n0\r\n\r\n`],
    ['a chunk size and a blank', 'Transfer-Encoding: chunked', `c \r\n${BODY}\r\n0\r\n\r\n`],
    ['a chunk size ended by LF', 'Transfer-Encoding: chunked', `c\n${BODY}\r\n0\r\n\r\n`],
    ['a chunk ended by LF', 'Transfer-Encoding: chunked', `c\r\n${BODY}\n0\r\n\r\n`],
    ['chunks ended by LF', 'Transfer-Encoding: chunked', `c\r\n${BODY}\r\n0\n\n`],
    ['a chunk longer than it says', 'Transfer-Encoding: chunked', `1\r\n${BODY}\r\n0\r\n\r\n`],
    ['an LF in a chunk extension', 'Transfer-Encoding: chunked', `c;a\nb\r\n${BODY}\r\n0\r\n\r\n`],
    ['a CR in a chunk extension', 'Transfer-Encoding: chunked', `c;a\rb\r\n${BODY}\r\n0\r\n\r\n`],
    ['a folded trailer', 'Transfer-Encoding: chunked', `c\r\n${BODY}\r\n0\r\nX: a\r\n b\r\n\r\n`],
    [
      'a length as trailer',
      'Transfer-Encoding: chunked',
      `c\r\n${BODY}\r\n0\r\nContent-Length: 5\r\n\r\n`,
    ],
    [
      'a coding as trailer',
      'Transfer-Encoding: chunked',
      `c\r\n${BODY}\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n`,
    ],
  ])('by %s is refused as malformed', async (_, framing, body) => {
    await expectOneRefusal(order(framing, body), 400, 'request_malformed');
  });

  it.each<readonly [what: string, framing: string, body: string, code: string]>([
    ['an unknown coding', 'Transfer-Encoding: xchunked', CHUNKED, 'framing_ambiguous'],
    ['quotes', 'Transfer-Encoding: "chunked"', CHUNKED, 'framing_ambiguous'],
    ['a parameter', 'Transfer-Encoding: chunked;q=1', CHUNKED, 'framing_ambiguous'],
    ['two codings in a list', 'Transfer-Encoding: gzip, chunked', CHUNKED, 'framing_ambiguous'],
    [
      'identity, then chunked',
      'Transfer-Encoding: identity, chunked',
      CHUNKED,
      'framing_ambiguous',
    ],
    ['a list that begins empty', 'Transfer-Encoding: ,chunked', CHUNKED, 'framing_ambiguous'],
    [
      'no coding and a length',
      'Transfer-Encoding:\r\nContent-Length: 12',
      BODY,
      'framing_ambiguous',
    ],
    ['a length with a leading zero', 'Content-Length: 012', BODY, 'framing_ambiguous'],
    ['Transfer_Encoding', 'Content-Length: 12\r\nTransfer_Encoding: chunked', BODY, 'header_alias'],
    ['Content.Length', 'Content-Length: 12\r\nContent.Length: 5', BODY, 'header_alias'],
    [
      'a coding that Connection takes away',
      'Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked',
      CHUNKED,
      'hop_by_hop_refused',
    ],
    ['a second Host', 'Content-Length: 12\r\nHost: attacker.example', BODY, 'host_not_single'],
    [
      'a way to HTTP/2',
      'Content-Length: 12\r\nConnection: te\r\nUpgrade: h2c',
      BODY,
      'upgrade_refused',
    ],
    [
      'settings for HTTP/2',
      'Content-Length: 12\r\nHTTP2-Settings: AAMAAABk',
      BODY,
      'upgrade_refused',
    ],
    [
      'a proxy’s Connection',
      'Content-Length: 12\r\nProxy-Connection: close',
      BODY,
      'hop_by_hop_refused',
    ],
    ['two media types', 'Content-Length: 12\r\nContent-Type: text/plain', BODY, 'header_repeated'],
    ['two keys', 'Content-Length: 12\r\nIdempotency-Key: a', BODY, 'header_repeated'],
  ])('by %s is refused', async (_, framing, body, code) => {
    await expectOneRefusal(order(framing, body), 400, code);
  });

  it.each<readonly [what: string, bytes: (host: string) => string, status: number, code: string]>([
    ['no Host', () => 'GET /products HTTP/1.1\r\n\r\n', 400, 'host_not_single'],
    ['an empty Host', () => 'GET /products HTTP/1.1\r\nHost:\r\n\r\n', 400, 'host_malformed'],
    [
      'two names in Host',
      (host) => `GET /products HTTP/1.1\r\nHost: ${host}, attacker.example\r\n\r\n`,
      400,
      'host_malformed',
    ],
    [
      'a path in Host',
      (host) => `GET /products HTTP/1.1\r\nHost: ${host}/orders\r\n\r\n`,
      400,
      'host_malformed',
    ],
    [
      'a user in Host',
      (host) => `GET /products HTTP/1.1\r\nHost: ${host}@attacker.example\r\n\r\n`,
      400,
      'host_malformed',
    ],
    [
      'the absolute form',
      (host) => `GET https://${host}/products HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      400,
      'path_not_normalised',
    ],
    [
      'the absolute form of another host',
      (host) => `GET http://attacker.example/products HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      400,
      'path_not_normalised',
    ],
    [
      'the authority form',
      (host) => `GET ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      400,
      'request_malformed',
    ],
    [
      'CONNECT',
      (host) => `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      405,
      'method_not_allowed',
    ],
    ['HTTP/0.9', () => 'GET /products\r\n\r\n', 505, 'http_version_unsupported'],
    [
      'HTTP/1.0 that is kept alive',
      (host) => `GET /products HTTP/1.0\r\nHost: ${host}\r\nConnection: keep-alive\r\n\r\n`,
      505,
      'http_version_unsupported',
    ],
    [
      'HTTP/1.0 in chunks',
      (host) =>
        `POST /orders HTTP/1.0\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      505,
      'http_version_unsupported',
    ],
    [
      'HTTP/2.0 in words',
      (host) => `GET /products HTTP/2.0\r\nHost: ${host}\r\n\r\n`,
      505,
      'http_version_unsupported',
    ],
    [
      'HTTP/1.2',
      (host) => `GET /products HTTP/1.2\r\nHost: ${host}\r\n\r\n`,
      400,
      'request_malformed',
    ],
    ['the preface of HTTP/2', () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'request_malformed'],
    [
      'lines ended by LF',
      (host) => `GET /products HTTP/1.1\nHost: ${host}\n\n`,
      400,
      'request_malformed',
    ],
    [
      'a head ended by LF',
      (host) => `GET /products HTTP/1.1\r\nHost: ${host}\r\n\n`,
      400,
      'request_malformed',
    ],
    [
      'a first header that is folded',
      (host) => `GET /products HTTP/1.1\r\n Host: ${host}\r\n\r\n`,
      400,
      'request_malformed',
    ],
    [
      'a blank in its target',
      (host) => `GET /products /orders HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      400,
      'request_malformed',
    ],
    [
      'an expectation nobody meets',
      (host) => `GET /products HTTP/1.1\r\nHost: ${host}\r\nExpect: 200-ok\r\n\r\n`,
      417,
      'expectation_failed',
    ],
    [
      'a body where none is meant',
      (host) => `GET /products HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\n\r\nhello`,
      400,
      'body_not_expected',
    ],
  ])('with %s is refused', async (_, bytes, status, code) => {
    await expectOneRefusal(bytes(client.host), status, code);
  });

  it('TRACE gives nothing back', async () => {
    const answer = await client.exchange(
      `TRACE /products HTTP/1.1\r\nHost: ${client.host}\r\nX-Secret: tell-nobody\r\nConnection: close\r\n\r\n`,
    );

    await expectRefused(answer, { evidence, status: 405, code: 'method_not_allowed' });
    expect(answer.body).not.toContain('tell-nobody');
  });

  it.each<readonly [what: string, framing: string, body: string]>([
    ['with a length', `Connection: close\r\nContent-Length: ${items.length}`, items],
    [
      'in chunks',
      'Connection: close\r\nTransfer-Encoding: chunked',
      `1\r\n{\r\n${(items.length - 1).toString(16)}\r\n${items.slice(1)}\r\n0\r\n\r\n`,
    ],
    [
      'in chunks with an extension and a trailer, both of which mean nothing',
      'Connection: close\r\nTransfer-Encoding: chunked\r\nTrailer: X-Digest',
      `${items.length.toString(16)};a=b\r\n${items}\r\n0\r\nX-Digest: a\r\n\r\n`,
    ],
  ])('is not what an honest request %s looks like: it passes', async (_, framing, body) => {
    const answer = await client.exchange(order(framing, body));

    await expectPassed(answer, { evidence, handled: CREATE_ORDER });
  });

  it('does not hide an order behind a request that is being answered', async () => {
    const before = await ordersPlaced();
    const first = `GET /products HTTP/1.1\r\nHost: ${client.host}\r\n\r\n`;
    const received = await client.exchangeBytes(first + hidden());

    expect(received.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(1);
    expect(received).toMatch(/\r\nconnection: close\r\n/i);
    await expectPassed(parseResponse(received), { evidence, handled: LIST_PRODUCTS });
    expect(await ordersPlaced()).toBe(before);
  });

  it('is not what two honest requests on one connection look like: both are answered', async () => {
    const connection = new PublicClient(undefined, { connections: 1 });
    for (let sent = 0; sent < 2; sent += 1) {
      const answer = await connection.send({ path: '/products' });
      await expectPassed(answer, { evidence, handled: LIST_PRODUCTS });
    }
    connection.close();
  });
});
