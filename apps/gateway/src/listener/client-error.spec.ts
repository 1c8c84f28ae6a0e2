import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { RecordedSecurityEvents } from '@sallyport/testing';
import { answerClientError } from './client-error';

const headers = [['strict-transport-security', 'max-age=31536000']] as const;

/** What a client receives when its connection fails with an error. */
async function receive(code: string, response?: Partial<ServerResponse>) {
  const events = new RecordedSecurityEvents();
  const server = createServer((socket: Socket) => {
    answerClientError({
      error: Object.assign(new Error(code), { code }),
      socket,
      headers,
      events,
      response: response as ServerResponse | undefined,
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

it.each<[string, string, Partial<ServerResponse> | undefined]>([
  ['after the client has gone', 'ECONNRESET', undefined],
  [
    'into an answer under way',
    'HPE_INVALID_METHOD',
    { headersSent: true, writableFinished: false },
  ],
])('writes nothing %s', async (_name, error, response) => {
  const { received, events } = await receive(error, response);
  expect(received).toBe('');
  expect(events.all).toEqual([]);
});
