import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { RecordedSecurityEvents } from '@sallyport/testing';
import { answerClientError } from './client-error';

const headers = [['strict-transport-security', 'max-age=31536000']] as const;

/** What a client receives when its connection fails with an error, and perhaps after the answer before has ended it. */
async function receive(code: string, response?: Partial<ServerResponse>) {
  let isLast = false;
  const events = new RecordedSecurityEvents();
  const server = createServer((socket: Socket) => {
    answerClientError({
      error: Object.assign(new Error(code), { code }),
      socket,
      headers,
      events,
      turns: {
        responseOf: () => response as ServerResponse | undefined,
        isAnswering: () => response?.writableFinished === false,
        isLast: () => isLast,
        endWithAnswer: () => {
          isLast = true;
          socket.end('the answer before');
        },
      },
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const received = await text(connect((server.address() as AddressInfo).port, '127.0.0.1'));
  server.close();
  return { received, events };
}

it.each([
  ['HPE_INVALID_METHOD', 400, 'request_malformed'],
  ['HPE_HEADER_OVERFLOW', 431, 'headers_too_large'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413, 'body_too_large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', 408, 'request_timeout'],
])('answers %s with %i %s', async (error, status, code) => {
  const { received, events } = await receive(error);
  expect(received).toMatch(new RegExp(`^HTTP/1.1 ${status} [A-Z]`));
  expect(received).toContain('\r\nstrict-transport-security: max-age=31536000\r\n');
  expect(received).toContain('\r\nconnection: close\r\n');
  const [head = '', body = ''] = received.split('\r\n\r\n');
  expect(JSON.parse(body)).toMatchObject({ status, code });
  expect(head).toContain(`\r\ncontent-length: ${body.length}`);
  expect(events.refusals).toEqual([code]);
});

const answering = { headersSent: true, writableFinished: false };

it.each<[string, string, Partial<ServerResponse> | undefined]>([
  ['after the client has gone', 'ECONNRESET', undefined],
  [
    'to a request that has its answer',
    'ERR_HTTP_REQUEST_TIMEOUT',
    { headersSent: true, writableFinished: true, req: { complete: false } as IncomingMessage },
  ],
])('writes nothing %s', async (_name, error, response) => {
  const { received, events } = await receive(error, response);
  expect(received).toBe('');
  expect(events.all).toEqual([]);
});

it.each<[string, Partial<ServerResponse>, readonly string[]]>([
  ['into an answer under way', { ...answering, req: { complete: false } as IncomingMessage }, []],
  [
    'before an answer that is owed',
    { ...answering, headersSent: false, req: { complete: true } as IncomingMessage },
    ['request_malformed'],
  ],
])('writes nothing %s, which is then the last', async (_name, response, refusals) => {
  const { received, events } = await receive('HPE_INVALID_METHOD', response);
  expect(received).toBe('the answer before');
  expect(events.refusals).toEqual(refusals);
});
