import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Link } from './link';

const SILENCE_MS = 100;

let echo: Server;
let link: Link;
const clients: Socket[] = [];
beforeEach(async () => {
  echo = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  link = await Link.open();
  link.leadTo('127.0.0.1', (echo.address() as AddressInfo).port);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await link.close();
  echo.close();
});

const dial = async (): Promise<Socket> => {
  const client = connect({ host: '127.0.0.1', port: link.port });
  clients.push(client);
  await once(client, 'connect');
  client.on('error', () => undefined);
  return client;
};
/** What comes back. */
const said = async (client: Socket, text: string): Promise<string> => {
  client.write(text);
  const [data] = (await once(client, 'data')) as [Buffer];
  return String(data);
};
/** Whether nothing comes back. */
const isSilent = async (client: Socket, text: string): Promise<boolean> => {
  let received = 0;
  const count = (): void => void (received += 1);
  client.on('data', count);
  client.write(text);
  await delay(SILENCE_MS);
  client.off('data', count);
  return received === 0;
};

describe('a link', () => {
  it('passes on what is sent, and that an end hangs up', async () => {
    const client = await dial();
    expect(await said(client, 'hello')).toBe('hello');
    client.end();
    await once(client, 'close');
  });

  it('that is cut resets what is connected, refuses more, and mends', async () => {
    const client = await dial();
    await said(client, 'hello');
    const ended = new Promise((resolve) => client.once('close', resolve));
    await link.set('cut');
    await ended;
    await expect(dial()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await link.set('whole');
    expect(await said(await dial(), 'again')).toBe('again');
  });

  it('that is black-holed is silent, for new connections too, and delivers what waited', async () => {
    const client = await dial();
    await said(client, 'hello');
    await link.set('black-holed');
    expect(await isSilent(client, 'lost?')).toBe(true);
    expect(await isSilent(await dial(), 'anybody?')).toBe(true);
    const late = once(client, 'data');
    await link.set('whole');
    expect(String((await late)[0])).toBe('lost?');
  });

  it('abandons what is connected for ever, and takes new connections', async () => {
    const client = await dial();
    await said(client, 'hello');
    link.abandonConnections();
    expect(await isSilent(client, 'lost')).toBe(true);
    await link.set('black-holed');
    await link.set('whole');
    expect(await isSilent(client, 'lost')).toBe(true);
    expect(await said(await dial(), 'new')).toBe('new');
  });

  it('delays both ways, and keeps the order when the delay shrinks', async () => {
    const client = await dial();
    link.delay(30);
    const begun = performance.now();
    const sent = Array.from({ length: 60 }, (_, index) => `${index} `);
    let received = '';
    client.on('data', (data) => (received += String(data)));
    for (const [index, text] of sent.entries()) {
      client.write(text);
      await delay(1);
      if (index === 30) link.delay(0);
    }
    while (received.length < sent.join('').length) await delay(5);
    expect(received).toBe(sent.join(''));
    expect(performance.now() - begun).toBeGreaterThan(60);
  });
});
