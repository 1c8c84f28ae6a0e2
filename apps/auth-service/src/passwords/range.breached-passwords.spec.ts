import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLogger } from '@sallyport/observability';
import { parsePresentedPassword } from './password';
import { RangeBreachedPasswords } from './range.breached-passwords';

const password = parsePresentedPassword('seen in a breach, alas');
const hash = createHash('sha1').update(password).digest('hex').toUpperCase();
const suffix = hash.slice(5);

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const of =
  (body: string, status = 200): Answer =>
  (_request, response) =>
    response.writeHead(status).end(body);

async function asked(answer: Answer) {
  const requests: IncomingMessage[] = [];
  const lines: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const breached = new RangeBreachedPasswords({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    logger: createLogger({
      service: 'test',
      level: 'info',
      destination: { write: (line) => lines.push(line) },
    }),
    timeoutMs: 300,
  });
  try {
    return { isBreached: await breached.includes(password), requests, log: lines.join('') };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('RangeBreachedPasswords', () => {
  it.each<[string, Answer]>([
    ['no line', of('')],
    ['lines of others', of(`${'0'.repeat(35)}:7\r\n${'F'.repeat(35)}:1`)],
    ['padding that fits', of(`${suffix}:0`)],
    ['the beginning of the rest', of(`${suffix.slice(0, 34)}:9`)],
  ])('does not find a password in %s', async (_name, answer) => {
    expect(await asked(answer)).toMatchObject({ isBreached: false, log: '' });
  });

  it.each<[string, Answer]>([
    ['refuses', of(`${suffix}:9`, 429)],
    ['sends elsewhere', (_request, response) => response.writeHead(302, { location: '/' }).end()],
    ['does not answer', () => undefined],
    [
      'ends half-way',
      (_request, response) => response.writeHead(200).write('0', () => response.destroy()),
    ],
    ['answers endlessly', of(`${'0'.repeat(35)}:7\n`.repeat(10_000) + `${suffix}:9`)],
  ])('lets a password pass, and says so in the log, when the service %s', async (_name, answer) => {
    const { isBreached, log } = await asked(answer);
    expect(isBreached).toBe(false);
    expect(log).toContain('breach_check_failed');
    expect(log).not.toContain(suffix);
  });

  it('finds a password, having told the service five digits of its hash', async () => {
    const { isBreached, requests } = await asked(of(`${'0'.repeat(35)}:7\r\n${suffix}:12\r\n`));
    expect(isBreached).toBe(true);
    expect(requests.map(({ url }) => url)).toEqual([`/range/${hash.slice(0, 5)}`]);
    expect(requests[0]?.headers).toMatchObject({ 'add-padding': 'true' });
    expect(JSON.stringify(requests[0]?.headers)).not.toContain(suffix.slice(0, 5));
  });
});
